import { randomUUID } from 'node:crypto';
import type { FunctionSettings, InvocationError } from './messages.ts';
import {
  isStreamingHandler,
  ResponseStream,
  type Handler,
  type Prelude,
  type ResponseTarget,
} from './response-stream.ts';

/** The handler's context argument (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html). */
export function createContext(settings: FunctionSettings): Record<string, unknown> {
  const deadline = performance.now() + settings.timeoutMs;
  return {
    awsRequestId: randomUUID(),
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMegabytes),
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
  };
}

/** Calls a handler for its value, as the Invoke API does; a streaming handler's body is its value. */
export async function invokeForValue(handler: Handler, payload: unknown, settings: FunctionSettings): Promise<unknown> {
  const context = createContext(settings);
  const work = isStreamingHandler(handler)
    ? collectStream(handler, payload, context)
    : Promise.resolve(handler(payload, context));
  return withTimeout(work, settings.timeoutMs);
}

async function collectStream(handler: Handler, payload: unknown, context: unknown): Promise<unknown> {
  const chunks: Buffer[] = [];
  const ended = Promise.withResolvers<void>();
  const target: ResponseTarget = {
    head: (_prelude: Prelude) => undefined,
    write: (chunk, done) => {
      chunks.push(chunk);
      done();
    },
    end: () => ended.resolve(),
  };
  const stream = new ResponseStream(target);
  stream.on('error', ended.reject);
  await handler(payload, stream, context);
  await ended.promise;
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Rejects after the template's time-out, in Lambda's words. */
export async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError(timeoutMs)), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

class TimeoutError extends Error {
  override readonly name = 'Sandbox.Timedout';

  constructor(timeoutMs: number) {
    super(`Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`);
  }
}

/** A thrown value as the runtime reports it. */
export function describeError(error: unknown): InvocationError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}
