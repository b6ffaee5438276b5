import type { Exchange } from '../relay/exchange.ts';
import type { MediaJob } from './job.ts';

/** What the work of a job is told, and what it tells, while it runs. */
export interface JobRun {
  readonly job: MediaJob;
  /**
   * Right before the upstream is asked. From here on no other runner begins anew.
   * @throws GatewayError when another runner has the job: ask nobody
   */
  sending(): Promise<void>;
  /** The upstream refused for certain and has done nothing: another may be asked, and another runner may begin anew. */
  refused(): Promise<void>;
  /**
   * Right after the upstream has taken the generation on: what `resume` needs, its id above all, as JSON.
   * @throws GatewayError when another runner has the job
   */
  keepUpstream(state: string): Promise<void>;
  /** Percent; written at most every few seconds. */
  progress(percent: number): void;
  /** Aborted when the client cancelled the job, or another runner took it. */
  readonly ended: AbortSignal;
}

/**
 * One kind of work. The exchange is one like any other: its caller is known, its sink keeps what is written to it as
 * the job's answer, and its request id is the one that the job's usage event has.
 */
export interface JobWork {
  run(exchange: Exchange, run: JobRun): Promise<void>;
  /** Goes on where `keepUpstream` was called. Absent: what was sent and has no answer is unknown. */
  resume?(exchange: Exchange, run: JobRun): Promise<void>;
}
