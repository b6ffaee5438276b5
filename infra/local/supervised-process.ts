import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { StartError } from './start-error.ts';

export interface ProcessSpec<T> {
  /** Unique among the runner's processes; also the name of the log file. */
  readonly name: string;
  readonly modulePath: string;
  readonly execArgv?: readonly string[];
  readonly logFile: string;
  /** Arguments and the whole environment; `last` is what the process answered before it was restarted. */
  launch(last: T | undefined): { args?: readonly string[]; env: Record<string, string> };
  /** What to tell the process as soon as it says `{type: 'up'}`. */
  greeting?(last: T | undefined): Serializable;
  /** The answer that makes the process ready, or undefined for any other message. */
  readReady(message: unknown): T | undefined;
  onMessage?(message: unknown): void;
  /** Called after every change of process id or readiness. */
  onChange?(): void;
}

export interface SupervisedProcess<T> {
  readonly name: string;
  /** Starts the process; resolves when it is ready. @throws StartError with the end of its log when it dies first. */
  start(): Promise<T>;
  /** Undefined while the process is down or not ready yet. */
  current(): T | undefined;
  /** Waits for the process to be ready (again). */
  whenReady(): Promise<T>;
  pid(): number | undefined;
  send(message: Serializable): void;
  /** Tells the process to end, and ends it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 5000;
/** A process that lived this long is restarted at once. */
const STEADY_MS = 10_000;
const LONGEST_LOG_BYTES = 20 * 1024 * 1024;

/** Keeps one child process running: a crash restarts it, ever later while it goes on crashing. */
export function createSupervisedProcess<T>(spec: ProcessSpec<T>): SupervisedProcess<T> {
  let child: ChildProcess | undefined;
  let ready: T | undefined;
  let last: T | undefined;
  let waiting = Promise.withResolvers<T>();
  let stopping = false;
  let backoffMs = FIRST_BACKOFF_MS;
  let onFirstExit: ((code: number | null) => void) | undefined;
  waiting.promise.catch(() => undefined);

  const launch = (): void => {
    const startedAt = performance.now();
    child = spawn(spec, last);
    child.on('message', (message) => receive(message));
    child.once('exit', (code) => {
      if (ready !== undefined) waiting = Promise.withResolvers<T>();
      ready = undefined;
      child = undefined;
      if (stopping) return;
      spec.onChange?.();
      if (onFirstExit !== undefined) return onFirstExit(code);
      if (performance.now() - startedAt > STEADY_MS) backoffMs = FIRST_BACKOFF_MS;
      setTimeout(() => !stopping && launch(), backoffMs);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    });
  };

  const receive = (message: unknown): void => {
    if (isUp(message) && spec.greeting !== undefined) child?.send(spec.greeting(last), () => undefined);
    const answer = spec.readReady(message);
    if (answer === undefined) return spec.onMessage?.(message);
    last = answer;
    ready = answer;
    onFirstExit = undefined;
    waiting.resolve(answer);
    spec.onChange?.();
  };

  return {
    name: spec.name,
    start: () => {
      onFirstExit = (code) => waiting.reject(diedAtStart(spec, code));
      launch();
      return waiting.promise;
    },
    current: () => ready,
    whenReady: () => waiting.promise,
    pid: () => child?.pid,
    send: (message) => {
      // A process that has just died looks connected; without a listener its broken pipe would end the runner.
      if (child?.connected === true) child.send(message, () => undefined);
    },
    stop: async (graceMs) => {
      stopping = true;
      await end(child, graceMs);
    },
  };
}

function spawn<T>(spec: ProcessSpec<T>, last: T | undefined): ChildProcess {
  const { args = [], env } = spec.launch(last);
  limitLog(spec.logFile);
  const log = openSync(spec.logFile, 'a', 0o600);
  try {
    // Detached: Ctrl-C reaches the runner alone, which then stops its processes in order.
    return fork(spec.modulePath, [...args], {
      env,
      execArgv: [...(spec.execArgv ?? [])],
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
      serialization: 'json',
    });
  } finally {
    closeSync(log);
  }
}

async function end(child: ChildProcess | undefined, graceMs: number): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

function isUp(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'up';
}

function limitLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LONGEST_LOG_BYTES) truncateSync(file);
}

function diedAtStart<T>(spec: ProcessSpec<T>, code: number | null): StartError {
  const lines = readFileSync(spec.logFile, 'utf8').trimEnd().split('\n').slice(-12);
  return new StartError(
    `${spec.name} did not start (exit code ${code}). The end of ${spec.logFile}:\n${lines.join('\n')}`,
  );
}
