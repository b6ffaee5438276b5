import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { createFunctionUrlEvent, fitsEventLimit, MAX_EVENT_BYTES, readBody } from './event.ts';
import { createContext, describeError, withTimeout } from './invocation.ts';
import type { FunctionSettings } from './messages.ts';
import { isStreamingHandler, ResponseStream, type Handler, type ResponseTarget } from './response-stream.ts';

export interface FunctionUrlDependencies {
  readonly handler: Handler;
  readonly settings: FunctionSettings;
  /** One line for the function's log. */
  log(line: string): void;
}

/**
 * Serves a function URL in response streaming mode: a request becomes an event, what the handler writes goes out as it
 * is written. As on AWS the handler never learns that its client left; it may go on writing into the void.
 */
export function createFunctionUrl(dependencies: FunctionUrlDependencies) {
  const { settings } = dependencies;
  return async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request).catch(() => null);
    if (body === null) return;
    const event =
      body &&
      createFunctionUrlEvent({
        method: request.method ?? 'GET',
        target: request.url ?? '/',
        headers: request.headersDistinct,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        domainName: settings.domainName,
        body,
      });
    if (event === undefined || !fitsEventLimit(event)) return refuseTooLarge(request, response);
    await run(dependencies, event, response);
  };
}

async function run(dependencies: FunctionUrlDependencies, event: unknown, response: ServerResponse): Promise<void> {
  const { handler, settings, log } = dependencies;
  const context = createContext(settings);
  const ended = Promise.withResolvers<void>();
  const stream = new ResponseStream(createHttpTarget(response, ended.resolve));
  stream.on('error', ended.reject);
  ended.promise.catch(() => undefined);
  try {
    const work = isStreamingHandler(handler)
      ? Promise.resolve(handler(event, stream, context)).then(() => ended.promise)
      : Promise.resolve(handler(event, context)).then((result) => sendBuffered(response, result));
    await withTimeout(work, settings.timeoutMs);
  } catch (error) {
    log(JSON.stringify({ level: 'ERROR', requestId: context['awsRequestId'], ...describeError(error) }));
    fail(response, error);
  }
}

/** Bytes go out as written; `done` waits for the client's socket, or not at all once the client has left. */
function createHttpTarget(response: ServerResponse, ended: () => void): ResponseTarget {
  const isGone = (): boolean => response.destroyed || response.socket === null || response.socket.destroyed;
  return {
    head: ({ statusCode, headers, cookies }) => {
      if (isGone()) return;
      response.writeHead(statusCode, cookies.length === 0 ? headers : { ...headers, 'set-cookie': [...cookies] });
      response.flushHeaders();
    },
    write: (chunk, done) => {
      if (isGone() || chunk.length === 0 || response.write(chunk)) return done();
      const go = (): void => {
        response.off('drain', go).off('close', go);
        done();
      };
      response.on('drain', go).on('close', go);
    },
    end: () => {
      response.end();
      ended();
    },
  };
}

interface BufferedResult {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  readonly cookies?: string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload */
function sendBuffered(response: ServerResponse, result: unknown): void {
  const isShaped = typeof result === 'object' && result !== null && 'statusCode' in result;
  const shaped: BufferedResult = isShaped
    ? (result as BufferedResult)
    : { statusCode: 200, body: JSON.stringify(result) };
  const body = Buffer.from(shaped.body ?? '', shaped.isBase64Encoded ? 'base64' : 'utf8');
  response.writeHead(shaped.statusCode ?? 200, {
    'content-type': 'application/json',
    ...shaped.headers,
    ...(shaped.cookies && { 'set-cookie': shaped.cookies }),
    'content-length': body.length,
  });
  response.end(body);
}

/** Before the first byte an error is a 502 in Lambda's words; after it the body just ends, with the error in trailers. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (error instanceof Error && error.name === 'Sandbox.Timedout' && response.headersSent) {
    response.destroy();
    return;
  }
  if (response.headersSent) {
    response.addTrailers({ 'lambda-runtime-function-error-type': describeError(error).errorType });
    response.end();
    return;
  }
  const body = 'Internal Server Error';
  response.writeHead(502, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

/**
 * Lambda refuses such a request before the function runs, so the body is not in any dialect of ours. The rest of the
 * request is read first: a caller that is still sending would meet a closed connection before it meets the answer.
 */
async function refuseTooLarge(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  await finished(request).catch(() => undefined);
  const body = JSON.stringify({
    Message: `Request must be smaller than ${MAX_EVENT_BYTES} bytes for the InvokeFunction operation`,
  });
  response.writeHead(413, {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-amzn-errortype': 'RequestTooLargeException',
    connection: 'close',
  });
  response.end(body);
}
