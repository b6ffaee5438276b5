import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionSettings, HostCommand, HostMessage } from '../../infra/local/function-host/messages.ts';
import { environmentOf } from './function-environment.ts';
import { readReady, type Stack } from './stack.ts';

const HOST = fileURLToPath(new URL('../../infra/local/function-host/main.ts', import.meta.url));
const TIMEOUT_MS = 60_000;

/** One more process of a running function: the same code, environment and rights, with a clock of its own. */
export interface FunctionProcess {
  /** Of its function URL; empty where it has none. */
  url: string;
  /** @throws what the function threw */
  invoke(payload: unknown): Promise<unknown>;
  setClock(offsetMs: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startFunctionProcess(
  stack: Pick<Stack, 'dataDirectory'>,
  functionName: string,
  mode: FunctionSettings['mode'],
): Promise<FunctionProcess> {
  const {
    NODE_CHANNEL_FD: _fd,
    NODE_CHANNEL_SERIALIZATION_MODE: _mode,
    ...env
  } = environmentOf(
    // Processes of schedules are there since they were first run.
    { ready: readReady(stack.dataDirectory) },
    functionName,
  );
  const child = fork(HOST, {
    env,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const hear = createEar(child);
  await hear((message) => message.type === 'up');
  const codeRoot = join(stack.dataDirectory, 'run');
  const settings: FunctionSettings = {
    modulePath: join(codeRoot, functionName, 'index.mjs'),
    exportName: 'handler',
    mode,
    codeRoot,
    port: 0,
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'] ?? functionName,
    functionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryMegabytes: 256,
    timeoutMs: TIMEOUT_MS,
    domainName: `${functionName}.lambda-url.local`,
    clockOffsetMs: 0,
  };
  const send = (command: HostCommand): boolean => child.send(command);
  send({ type: 'start', settings });
  const listening = await hear((message) => message.type === 'listening');
  const { port } = listening as HostMessage & { type: 'listening' };
  let calls = 0;
  return {
    url: port === 0 ? '' : `http://127.0.0.1:${port}`,
    async invoke(payload) {
      calls += 1;
      const id = calls;
      const answered = hear((message) => message.type === 'result' && message.id === id);
      send({ type: 'invoke', id, payload });
      const answer = (await answered) as HostMessage & { type: 'result' };
      if (answer.error) throw new Error(answer.error.errorMessage);
      return answer.payload;
    },
    async setClock(offsetMs) {
      const moved = hear((message) => message.type === 'clock-set');
      send({ type: 'clock', offsetMs });
      await moved;
    },
    async stop() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The first message that fits. @throws when the process ends before */
function createEar(child: ChildProcess): (fits: (message: HostMessage) => boolean) => Promise<HostMessage> {
  return (fits) =>
    new Promise((resolve, reject) => {
      const hear = (message: unknown): void => {
        const heard = message as HostMessage;
        if (!fits(heard) && heard.type !== 'failed') return;
        leave();
        if (heard.type === 'failed') reject(new Error(heard.message));
        else resolve(heard);
      };
      const end = (): void => {
        leave();
        reject(new Error('The process has ended.'));
      };
      const leave = (): void => {
        child.off('message', hear);
        child.off('exit', end);
      };
      child.on('message', hear);
      child.once('exit', end);
    });
}
