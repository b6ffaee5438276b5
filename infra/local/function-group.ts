import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFunctionEnvironment, type ServiceEndpoints } from './function-environment.ts';
import type { FunctionSettings, HostCommand, InvocationError } from './function-host/messages.ts';
import { createSupervisedProcess, type SupervisedProcess } from './supervised-process.ts';

/** A function of the template, ready to be started. */
export interface FunctionSpec {
  /** `sluice:name` of the template. */
  readonly name: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** `<file>.<export>` as in the template. */
  readonly handler: string;
  readonly memoryMegabytes: number;
  readonly timeoutMs: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly codeDirectory: string;
  /** Host name of its function URL, if it has one. */
  readonly domainName: string | undefined;
}

export interface FunctionGroupOptions {
  readonly spec: FunctionSpec;
  /** Number of processes; more than one are told apart as `<name>-<index>`. */
  readonly count: number;
  readonly numbered: boolean;
  /** Serve `createServer` of server.mjs in place of the handler. */
  readonly plainServer: boolean;
  readonly hostModule: string;
  readonly codeRoot: string;
  readonly logDirectory: string;
  readonly region: string;
  readonly endpoints: ServiceEndpoints;
  clockOffsetMs(): number;
  onChange(): void;
}

interface Endpoint {
  readonly port: number;
}

export interface FunctionGroup {
  readonly spec: FunctionSpec;
  start(): Promise<void>;
  /** The next process that is up, in turn; waits for a restart when none is. */
  pick(): Promise<Endpoint>;
  /** Port of the first process, which it keeps over restarts where it can. */
  firstPort(): Promise<number>;
  /** A direct invocation; starts the process when it is not there yet. */
  invoke(payload: unknown): Promise<{ payload?: unknown; error?: InvocationError }>;
  pids(): Record<string, number>;
  /** Writes a line of the runner's into the logs of all its processes. */
  note(line: string): void;
  /** Resolves when all running processes have moved their clocks. */
  setClock(offsetMs: number): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

interface Member {
  readonly logFile: string;
  readonly process: SupervisedProcess<Endpoint>;
  readonly calls: Map<number, (outcome: { payload?: unknown; error?: InvocationError }) => void>;
  /** Waiting for the process to say that its clock is moved. */
  readonly clockWaiters: Set<() => void>;
}

/** The processes of one function. */
export function createFunctionGroup(options: FunctionGroupOptions): FunctionGroup {
  const members = Array.from({ length: options.count }, (_, index) => createMember(options, index));
  let turn = 0;
  let callId = 0;
  let started: Promise<void> | undefined;

  const start = (): Promise<void> => {
    started ??= Promise.all(members.map(({ process }) => process.start())).then(() => undefined);
    return started;
  };
  const next = (): Member | undefined => {
    for (let tries = 0; tries < members.length; tries += 1) {
      const member = members[turn++ % members.length];
      if (member?.process.current() !== undefined) return member;
    }
    return undefined;
  };
  const pick = async (): Promise<Endpoint> =>
    next()?.process.current() ?? Promise.any(members.map(({ process }) => process.whenReady()));

  return {
    spec: options.spec,
    start,
    pick,
    firstPort: async () => (await members[0]?.process.whenReady())?.port ?? 0,
    invoke: async (payload) => {
      await start();
      await pick();
      const member = next() ?? members[0];
      if (member === undefined) throw new Error(`${options.spec.name} has no process`);
      callId += 1;
      const { promise, resolve } = Promise.withResolvers<{ payload?: unknown; error?: InvocationError }>();
      member.calls.set(callId, resolve);
      member.process.send({ type: 'invoke', id: callId, payload } as HostCommand & object);
      return promise;
    },
    pids: () => Object.fromEntries(members.flatMap(({ process }) => pidEntry(process))),
    note: (line) => members.forEach(({ logFile }) => appendFileSync(logFile, `${line}\n`)),
    setClock: async (offsetMs) => {
      await Promise.all(members.map((member) => moveClock(member, offsetMs)));
    },
    stop: async (graceMs) => {
      await Promise.all(members.map(({ process }) => process.stop(graceMs)));
    },
  };
}

function moveClock({ process, clockWaiters }: Member, offsetMs: number): Promise<void> {
  if (process.current() === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    clockWaiters.add(resolve);
    process.send({ type: 'clock', offsetMs });
  });
}

function release(waiters: Set<() => void>): void {
  for (const resolve of waiters) resolve();
  waiters.clear();
}

function pidEntry(process: SupervisedProcess<unknown>): [string, number][] {
  const pid = process.pid();
  return pid === undefined ? [] : [[process.name, pid]];
}

function createMember(options: FunctionGroupOptions, index: number): Member {
  const { spec } = options;
  const name = options.numbered ? `${spec.name}-${index}` : spec.name;
  const logFile = join(options.logDirectory, `${name}.log`);
  const calls: Member['calls'] = new Map();
  const clockWaiters: Member['clockWaiters'] = new Set();
  const environment = createFunctionEnvironment(
    { ...spec, region: options.region, taskRoot: spec.codeDirectory },
    options.endpoints,
    spec.variables,
  );
  const process = createSupervisedProcess<Endpoint>({
    name,
    modulePath: options.hostModule,
    logFile,
    launch: () => ({ env: environment }),
    greeting: (last) => ({ type: 'start', settings: settingsFor(options, last?.port ?? 0) }) as HostCommand & object,
    readReady: (message) => (isMessage(message, 'listening') ? { port: Number(message['port']) } : undefined),
    onMessage: (message) => {
      if (isMessage(message, 'clock-set')) release(clockWaiters);
      if (!isMessage(message, 'result')) return;
      const id = Number(message['id']);
      calls.get(id)?.({ payload: message['payload'], ...errorOf(message) });
      calls.delete(id);
    },
    onChange: () => {
      if (process.current() === undefined) {
        failAll(calls);
        release(clockWaiters);
      }
      options.onChange();
    },
  });
  return { logFile, process, calls, clockWaiters };
}

function settingsFor(options: FunctionGroupOptions, port: number): FunctionSettings {
  const { spec } = options;
  const split = spec.handler.lastIndexOf('.');
  const file = options.plainServer ? 'server' : spec.handler.slice(0, split);
  return {
    modulePath: join(spec.codeDirectory, `${file}.mjs`),
    exportName: options.plainServer ? 'createServer' : spec.handler.slice(split + 1),
    mode: options.plainServer ? 'server' : spec.domainName === undefined ? 'invoke' : 'function-url',
    codeRoot: options.codeRoot,
    port,
    functionName: spec.functionName,
    functionArn: spec.functionArn,
    memoryMegabytes: spec.memoryMegabytes,
    timeoutMs: spec.timeoutMs,
    domainName: spec.domainName ?? '',
    clockOffsetMs: options.clockOffsetMs(),
  };
}

function isMessage(message: unknown, type: string): message is Record<string, unknown> {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === type;
}

function errorOf(message: Record<string, unknown>): { error?: InvocationError } {
  return message['error'] === undefined ? {} : { error: message['error'] as InvocationError };
}

function failAll(calls: Member['calls']): void {
  const error = { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited during the invocation', trace: [] };
  for (const resolve of calls.values()) resolve({ error });
  calls.clear();
}
