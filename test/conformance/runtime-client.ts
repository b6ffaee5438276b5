import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createFunctionUrlEvent } from '../../infra/local/function-host/event.ts';
import { installOnDemand } from '../support/on-demand-package.ts';
import { readHttpAnswer, type HttpAnswer } from './http-answer.ts';
import { startRuntimeApi, type RuntimeAnswer } from './runtime-api.ts';
import type { TaskLayout } from './task-layout.ts';

/** The official runtime client. Its install compiles curl and a native addon: cmake, make and g++ have to be there. */
const PACKAGE = { name: 'aws-lambda-ric', version: '4.0.2', scripts: true };

export interface PlainCall {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** One function under the official runtime client. */
export interface LambdaProcess {
  pid: number;
  /** As a call of the function URL. */
  request(call: PlainCall): Promise<HttpAnswer>;
  /** As the Invoke API. */
  invoke(payload: unknown): Promise<RuntimeAnswer>;
  stop(): Promise<void>;
}

export function installRuntimeClient(): string {
  return join(installOnDemand(PACKAGE), 'index.mjs');
}

export async function startLambda(facts: {
  program: string;
  layout: TaskLayout;
  /** The function's environment in the running stack. */
  env: Record<string, string>;
}): Promise<LambdaProcess> {
  const { program, layout, env } = facts;
  const api = await startRuntimeApi(
    `arn:aws:lambda:us-east-1:000000000000:function:${env['AWS_LAMBDA_FUNCTION_NAME']}`,
  );
  const child = spawn(process.execPath, [...layout.execArgv, program, 'index.handler'], {
    cwd: layout.taskRoot,
    env: {
      ...env,
      ...layout.env,
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: layout.taskRoot,
      AWS_LAMBDA_RUNTIME_API: api.address,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const keep = (bytes: Buffer): void => {
    said = (said + bytes.toString('utf8')).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const died = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the runtime client ended with ${code ?? signal}:\n${said}`);
  });
  died.catch(() => undefined);
  const invoke = (event: unknown): Promise<RuntimeAnswer> => Promise.race([api.invoke(event), died]);
  return {
    pid: child.pid ?? 0,
    invoke,
    request: async ({ method, path, headers = {}, body = '' }) => {
      const event = createFunctionUrlEvent({
        method,
        target: path,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
        sourceIp: '127.0.0.1',
        domainName: 'url.lambda-url.us-east-1.on.aws',
        body: Buffer.from(body),
      });
      return readHttpAnswer(await invoke(event));
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      await api.close();
    },
  };
}
