import type { ErrorCode } from '../errors/catalogue.ts';
import { encodeErrorEnvelope, type EncodedError, type ErrorEnvelope } from '../errors/envelopes.ts';
import { GatewayError, isGatewayError } from '../errors/gateway-error.ts';
import type { Clock } from '../time/clock.ts';
import { answerIds } from './answer-ids.ts';
import type { EncodeError } from './exchange.ts';

/** What of a request tells whose error object its caller reads. */
export interface EnvelopeQuestion {
  path: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  /** E.g. `/public-api`; null where this function serves none. */
  publicApiPrefix: string | null;
}

/** Whose error object a request's caller reads: by path and, where one path serves several SDKs, by their headers. */
export function envelopeOf({ path, headers, publicApiPrefix }: EnvelopeQuestion): ErrorEnvelope {
  if (publicApiPrefix !== null && isUnder(path, publicApiPrefix)) return 'public';
  if (path.startsWith('/v1/messages') || isUnder(path, '/cc')) return 'anthropic';
  if (isUnder(path, '/v1beta')) return 'google';
  if (isUnder(path, '/v1') || /^\/api\/v1\/(?:chat|images|models)/.test(path)) return envelopeOfSdk(headers);
  return path.startsWith('/api/chat') ? 'chat' : 'union';
}

/** `x-api-key` tells nothing: SDKs of several vendors send it (and Anthropic's newest does not). */
function envelopeOfSdk(headers: EnvelopeQuestion['headers']): ErrorEnvelope {
  if (headers['anthropic-version'] !== undefined) return 'anthropic';
  const isGoogle = headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined;
  return isGoogle ? 'google' : 'openai';
}

interface FailureFacts extends EnvelopeQuestion {
  error: GatewayError;
  requestId?: string | undefined;
  /** What is wrong with the input, field by field. */
  errors?: readonly { path: string; message: string }[] | undefined;
}

/** A failure of the control plane in the shape that the path's readers know. */
export function encodeFailure(facts: FailureFacts): EncodedError {
  const { path, error, requestId, errors } = facts;
  return encodeErrorEnvelope(envelopeOf(facts), error, requestId ?? null, {
    // The name under which the console contract of /api/v1/admin reads it.
    ...(isUnder(path, '/api/v1/admin') ? { code: error.code.toUpperCase() } : {}),
    ...(errors === undefined ? {} : { errors }),
  });
}

/** Keys travel in headers that a page sets itself, so nothing of the reader's is in such an answer. */
export const ANY_ORIGIN_READS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-request-id, x-sluice-request-id, x-sluice-build',
};

/** For the doors of functions: an error with everything that each of our answers carries. */
export function createErrorEncoder(facts: {
  clock: Clock;
  buildId: string;
  publicApiPrefix: string | null;
  /** The path in whose dialect a request is answered that could not be read. */
  unreadPath?: string;
  /** Pages of every origin may read these errors: they say nothing that is not said to everybody. */
  crossOrigin?: boolean;
}): EncodeError {
  const { clock, buildId, publicApiPrefix, unreadPath = '', crossOrigin = false } = facts;
  return ({ path, headers }, error) => {
    const ids = answerIds({ headers }, clock(), buildId);
    const requestId = ids['x-sluice-request-id'];
    const answer = encodeFailure({ path: path || unreadPath, headers, publicApiPrefix, error, requestId });
    const cors = crossOrigin && headers['origin'] !== undefined ? ANY_ORIGIN_READS : {};
    return { ...answer, headers: { ...answer.headers, ...ids, ...cors, 'server-timing': 'door' } };
  };
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** What the caller may see of any thrown value: our own errors as they are, everything else as `internal_error`. */
export function toGatewayError(thrown: unknown, fallback: ErrorCode = 'internal_error'): GatewayError {
  if (isGatewayError(thrown)) return thrown;
  return new GatewayError(fallback, {
    message: 'Something went wrong on our side. Please try again.',
    internal: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown),
    cause: thrown,
  });
}
