import type { Exchange } from './exchange.ts';

/**
 * Work that goes on after a crash, by what it has kept of the upstream. The exchange is one like any other: its caller
 * is known, its sink keeps what is written to it as the job's answer, its request id is the one of the first run.
 */
export type ResumeJob = (exchange: Exchange, upstream: string) => Promise<void>;
