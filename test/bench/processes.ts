import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readUsed, type Used } from './accounting.ts';

/** The processes of the bench, each plain JavaScript so that no TypeScript loader is measured. */

export interface Gateway {
  port: number;
  /** Milliseconds from spawn until it listened. */
  startMs: number;
  used(): Used;
  stop(): Promise<void>;
}

/** `process.memoryUsage()` behind a full garbage collection. */
export interface LiveMemory {
  rss: number;
  heapUsed: number;
  external: number;
}

/** A gateway that is run by a file of ours, which answers what only the process itself knows. */
export interface OwnGateway extends Gateway {
  liveMemory(): Promise<LiveMemory>;
}

export interface Job {
  port: number;
  headers: Record<string, string>;
  body: string;
  count: number;
  connections: number;
  /** Every so manieth client leaves in the middle of its answer; 0 is none. */
  abortEvery?: number;
  /** So many may be answered with something else than 200, and are left out of the samples; 0 by default. */
  tolerated?: number;
}

export interface Sample {
  /** Milliseconds until the head, the first byte of the body and the end. */
  headMs: number;
  firstByteMs: number;
  totalMs: number;
  /** The `server-timing` header; empty when there is none. */
  timing: string;
}

export interface Load {
  run(job: Job): Promise<Sample[]>;
  stop(): Promise<void>;
}

/** @param execArgv flags of Node beside the bench's own */
export function launch(file: string, env: Record<string, string>, execArgv: readonly string[] = []): ChildProcess {
  return fork(file, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    execArgv: ['--disable-warning=ExperimentalWarning', ...execArgv],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** The next message of a kind; rejects when the process ends first. */
export function answerOf<Message>(child: ChildProcess, types: readonly string[]): Promise<Message> {
  return new Promise((resolve, reject) => {
    const take = (message: unknown): void => {
      if (typeof message !== 'object' || message === null || !('type' in message)) return;
      if (!types.includes(String(message.type))) return;
      done();
      resolve(message as Message);
    };
    const fail = (code: number | null): void => {
      done();
      reject(new Error(`a process of the bench ended with code ${code}`));
    };
    const done = (): void => {
      child.off('message', take);
      child.off('exit', fail);
    };
    child.on('message', take);
    child.once('exit', fail);
  });
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function ownFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export async function startGateway(
  file: 'bare.mjs' | 'relay.mjs' | 'upstream.mjs',
  env: Record<string, string> = {},
  execArgv: readonly string[] = [],
): Promise<OwnGateway> {
  const startedAt = performance.now();
  const child = launch(ownFile(file), env, execArgv);
  const { port } = await answerOf<{ port: number }>(child, ['listening']);
  return {
    port,
    startMs: performance.now() - startedAt,
    used: () => readUsed(child.pid ?? 0),
    liveMemory: () => {
      const answer = answerOf<LiveMemory>(child, ['memory']);
      child.send({ type: 'memory?' });
      return answer;
    },
    stop: () => end(child),
  };
}

export async function startLoad(): Promise<Load> {
  const child = launch(ownFile('load.mjs'), {});
  await answerOf(child, ['up']);
  return {
    run: async (job) => {
      const answering = answerOf<{ type: string; results: Sample[]; message: string }>(child, ['done', 'failed']);
      child.send(job);
      const answer = await answering;
      if (answer.type === 'failed') throw new Error(`the load generator was answered: ${answer.message}`);
      return answer.results;
    },
    stop: () => end(child),
  };
}
