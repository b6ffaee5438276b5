import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { EventBlock, EventFramer } from '@sluice/kit/stream/sse-framing';
import type { StreamTap } from '@sluice/llm/formats/wire-format';
import type { UpstreamFailure } from '../credentials/cooldown.ts';
import type { Passage } from './interpreter.ts';
import { CLIENT_GONE_STATUS, type AttemptResult, type Served } from './served.ts';
import { blameFor, isTimeUp } from './upstream-answers.ts';

/** Why an answer broke off. */
export function cutError(failure: Error | null): GatewayError {
  if (isGatewayError(failure)) return failure;
  return new GatewayError('upstream_cut', {
    message: 'The upstream broke off in the middle of its answer.',
    internal: failure?.message ?? 'the stream ended without a finish reason',
  });
}

export function notAnAnswer(): GatewayError {
  return new GatewayError('upstream_error', {
    message: 'The upstream answered with something that is no JSON object.',
  });
}

export function errorInStream(): GatewayError {
  return new GatewayError('upstream_error', { message: 'The upstream reported an error instead of an answer.' });
}

/** Nothing went out, and somebody else may answer, unless the request itself is at fault. */
export function abandon(upstream: UpstreamExchange, error: GatewayError): AttemptResult {
  upstream.abort(error);
  const isCallers = error.status < 500 && error.status !== 429;
  const failure = isCallers ? null : ({ kind: 'broken' } as const);
  return { kind: 'failed', error, retryable: !isCallers, status: upstream.status, passOn: null, failure };
}

/** What a framer cannot take apart is no stream. */
export function takeApart(framer: EventFramer, upstream: UpstreamExchange, chunk: Buffer): EventBlock | null {
  try {
    return framer.push(chunk);
  } catch (error) {
    const internal = error instanceof Error ? error.message : String(error);
    upstream.abort(new GatewayError('upstream_cut', { message: BROKEN_STREAM, internal }));
    return null;
  }
}

const BROKEN_STREAM = 'The upstream’s stream is damaged.';

export function cutShort(upstream: UpstreamExchange, error: GatewayError): AttemptResult {
  const failure = blameFor(upstream.failure, true);
  return {
    kind: 'failed',
    error,
    retryable: !isTimeUp(upstream.failure),
    status: upstream.status,
    passOn: null,
    failure,
  };
}

/** What an answer has shown; a stream tap is one. */
export type Seen = Pick<StreamTap, 'usage' | 'finished' | 'delivered'>;
type Result = Pick<Served, 'status' | 'error' | 'extent'>;

export function served(
  passage: Passage,
  seen: Seen,
  result: Result,
  failure: UpstreamFailure | null = null,
): AttemptResult {
  return { kind: 'served', served: describe(passage, seen, result), failure };
}

export function gone(passage: Passage, seen: Seen): AttemptResult {
  return {
    kind: 'gone',
    served: describe(passage, seen, { status: CLIENT_GONE_STATUS, error: null, extent: 'partial' }),
  };
}

function describe({ candidate }: Passage, { usage, finished, delivered }: Seen, result: Result): Served {
  return { ...result, usage, usageIsFinal: finished, delivered, candidate };
}
