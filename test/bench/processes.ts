import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The processes of the bench, each plain JavaScript so that no TypeScript loader is measured. */

export interface Used {
  /** User and system time of the process since its start, microseconds. */
  cpuMicros: number;
  residentBytes: number;
}

export interface Gateway {
  port: number;
  /** Milliseconds from spawn until it listened. */
  startMs: number;
  used(): Promise<Used>;
  stop(): Promise<void>;
}

export interface Job {
  port: number;
  headers: Record<string, string>;
  body: string;
  count: number;
  connections: number;
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

function launch(file: string, env: Record<string, string>): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return fork(path, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** The next message of a kind; rejects when the process ends first. */
function answerOf<Message>(child: ChildProcess, types: readonly string[]): Promise<Message> {
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

export async function startGateway(
  file: 'bare.mjs' | 'relay.mjs' | 'upstream.mjs',
  env: Record<string, string> = {},
): Promise<Gateway> {
  const startedAt = performance.now();
  const child = launch(file, env);
  const { port } = await answerOf<{ port: number }>(child, ['listening']);
  return {
    port,
    startMs: performance.now() - startedAt,
    used: async () => {
      const answer = answerOf<Used>(child, ['used']);
      child.send({ type: 'used?' });
      return answer;
    },
    stop: () => end(child),
  };
}

export async function startLoad(): Promise<Load> {
  const child = launch('load.mjs', {});
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
