import { fileURLToPath } from 'node:url';
import type { DataDirectory } from './data-directory.ts';
import type { StoreCommand, StoreMessage, StoreProcessOptions } from './store/interfaces.ts';
import type { Denial } from './permissions/access.ts';
import { createSupervisedProcess, type SupervisedProcess } from './supervised-process.ts';

interface OwnProcessOptions {
  readonly directory: DataDirectory;
  clockOffsetMs(): number;
  onChange(): void;
}

export interface StoreEndpoints {
  readonly dynamoDbUrl: string;
  readonly s3Url: string;
}

export interface StoreOptions extends OwnProcessOptions {
  /** What a start, or a restart, begins with. */
  permissions(): NonNullable<StoreProcessOptions['permissions']>;
  onDenied(denial: Denial): void;
}

export interface StoreProcess extends SupervisedProcess<StoreEndpoints> {
  /** Puts the present permissions in force; resolves when they are. */
  setPermissions(): Promise<void>;
}

/** The embedded DynamoDB and S3. A restart keeps their addresses, which the functions have in their environment. */
export function createStoreProcess(options: StoreOptions): StoreProcess {
  const { directory, permissions } = options;
  const set = Promise.withResolvers<void>();
  const store = createSupervisedProcess<StoreEndpoints>({
    name: 'store',
    modulePath: fileURLToPath(new URL('store/main.ts', import.meta.url)),
    logFile: directory.file('logs', 'store.log'),
    launch: (last) => {
      const settings: StoreProcessOptions = {
        dynamoDb: { directory: directory.file('store'), ...portOf(last?.dynamoDbUrl) },
        s3: { directory: directory.file('s3'), ...portOf(last?.s3Url) },
        clockOffsetMs: options.clockOffsetMs(),
        permissions: permissions(),
      };
      return { args: [JSON.stringify(settings)], env: ownEnvironment() };
    },
    readReady: (message) => {
      const answer = message as StoreMessage;
      return answer.type === 'ready' ? { dynamoDbUrl: answer.dynamoDbUrl, s3Url: answer.s3Url } : undefined;
    },
    onMessage: (message) => {
      const answer = message as StoreMessage;
      if (answer.type === 'permissions-set') set.resolve();
      if (answer.type === 'denied') options.onDenied(answer.denial);
    },
    onChange: options.onChange,
  });
  return {
    ...store,
    setPermissions: () => {
      const command: StoreCommand = { type: 'permissions', permissions: permissions() };
      store.send(command as StoreCommand & object);
      return set.promise;
    },
  };
}

export interface SandboxOptions extends OwnProcessOptions {
  /** Port of the last start, so that the demo upstream keeps its address; 0 for any. */
  readonly port: number;
  /** Moves every process's clock, in answer to the sandbox's `POST /__clock`. */
  setClock(now: number): Promise<void>;
}

/** The upstream that needs no provider's key. */
export function createSandboxProcess(options: SandboxOptions): SupervisedProcess<{ port: number }> {
  const sandbox: SupervisedProcess<{ port: number }> = createSupervisedProcess<{ port: number }>({
    name: 'sandbox',
    modulePath: fileURLToPath(new URL('sandbox/main.ts', import.meta.url)),
    execArgv: ['--import', fileURLToPath(new URL('clock-preload.ts', import.meta.url))],
    logFile: options.directory.file('logs', 'sandbox.log'),
    launch: (last) => ({
      env: {
        ...ownEnvironment(),
        SANDBOX_PORT: String(last?.port ?? options.port),
        SLUICE_CLOCK_OFFSET_MS: String(options.clockOffsetMs()),
      },
    }),
    readReady: (message) => (isTyped(message, 'listening') ? { port: Number(message['port']) } : undefined),
    onMessage: (message) => {
      if (!isTyped(message, 'set-clock')) return;
      void options.setClock(Number(message['now'])).then(() => sandbox.send({ type: 'clock-set' }));
    },
    onChange: options.onChange,
  });
  return sandbox;
}

function portOf(url: string | undefined): { port?: number } {
  return url === undefined ? {} : { port: Number(new URL(url).port) };
}

/** The runner's own processes need no more than a path and a place for temporary files. */
function ownEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])),
  );
}

function isTyped(message: unknown, type: string): message is Record<string, unknown> {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === type;
}
