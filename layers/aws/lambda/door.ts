import middy from '@middy/core';
import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { EncodeError, PlainRequest, PlainResponse, Sink } from '@sluice/kit/http/exchange';
import type { Logger } from '@sluice/kit/log/logger';
import { streamAnswers } from './answer-writer.ts';
import {
  createStreamSink,
  isFunctionUrlEvent,
  toPlainRequest,
  toStreamedAnswer,
  type FunctionUrlEvent,
  type StreamedAnswer,
} from './function-url.ts';
import { createOriginGuard, type OriginSecretSource } from './origin-guard.ts';

/** The Lambda handler of a function behind a function URL with response streaming. */
export type LambdaHandler = (event: unknown, context?: unknown) => Promise<unknown>;

export interface DoorOptions {
  originSecret: OriginSecretSource;
  /** Says the door's own errors, request ids included. */
  encodeError: EncodeError;
  logger: Logger;
  /** Takes what comes by the Invoke API, which IAM guards, instead of through the function URL. */
  onInvoke?(payload: unknown): Promise<unknown>;
}

/** A handler whose answer is written as it comes into being. */
export function createStreamedHandler(
  options: DoorOptions & { handle(request: PlainRequest, sink: Sink): Promise<void> },
): LambdaHandler {
  return createDoor(options, (request) => {
    const { sink, answer } = createStreamSink(request.method);
    const finished = options.handle(request, sink);
    // Behind the head a failure can only break the body; before it, it is the answer.
    finished.catch(() => sink.destroy());
    return Promise.race([answer.then((begun) => ({ ...begun, settled: finished })), finished.then(neverAnswered)]);
  });
}

/** A handler whose answer is whole before it is sent. */
export function createPlainHandler(
  options: DoorOptions & { handle(request: PlainRequest): Promise<PlainResponse> },
): LambdaHandler {
  return createDoor(options, async (request) => toStreamedAnswer(await options.handle(request), request.method));
}

/** Of no weight behind a head, since the race is over then. */
function neverAnswered(): never {
  throw new Error('The request was handled and never answered.');
}

interface MiddyRequest {
  event: unknown;
  error?: unknown;
}

/** Origin check, then the request, then errors as answers. Whatever the door itself answers carries a request id. */
function createDoor(options: DoorOptions, answer: (request: PlainRequest) => Promise<StreamedAnswer>): LambdaHandler {
  const guard = createOriginGuard(options.originSecret);
  const handler = middy({ timeoutEarlyInMillis: 0 })
    .before(async ({ event }: MiddyRequest) => {
      if (isFunctionUrlEvent(event)) await guard(event.headers);
    })
    .onError(({ event, error }: MiddyRequest) => {
      // An invocation has failed when its handler has thrown; that is how the caller learns of it.
      if (!isFunctionUrlEvent(event)) return undefined;
      return toStreamedAnswer(encodeThrown(options, event, error), event.requestContext.http.method);
    })
    .handler(async (event: unknown) => {
      if (isFunctionUrlEvent(event)) return answer(toPlainRequest(event));
      if (!options.onInvoke) throw new Error('This function takes requests through its URL only.');
      return JSON.stringify((await options.onInvoke(event)) ?? null);
    });
  // middy's own type wants a context with every field, which nothing here reads.
  return streamAnswers(handler as unknown as (event: unknown, context: unknown) => Promise<StreamedAnswer | string>);
}

function encodeThrown({ encodeError, logger }: DoorOptions, event: FunctionUrlEvent, thrown: unknown): PlainResponse {
  const { rawPath: path, headers } = event;
  const known = isGatewayError(thrown);
  const error = known ? thrown : new GatewayError('internal_error', { message: 'Something went wrong on our side.' });
  const internal = known ? thrown.internal : String(thrown);
  const answer = encodeError({ path, headers }, error);
  const requestId = String(answer.headers['x-sluice-request-id']);
  logger.warn('door_error', { request_id: requestId, path: path.slice(0, 200), code: error.code, internal });
  return answer;
}
