import type { ErrorCode } from '../errors/catalogue.ts';
import { GatewayError, isGatewayError } from '../errors/gateway-error.ts';
import type { PlainResponse } from './exchange.ts';

/**
 * Failures of the control plane in the shape that each path's readers know: `{success, msg}` under the public API,
 * `{success, error}` under `/api/chat`, and everywhere else one object that every contract's reader understands.
 */
interface FailureFacts {
  path: string;
  /** E.g. `/public-api`; null where this function serves none. */
  publicApiPrefix: string | null;
  error: GatewayError;
  requestId?: string | undefined;
  /** What is wrong with the input, field by field. */
  errors?: readonly { path: string; message: string }[] | undefined;
}

export function encodeFailure(facts: FailureFacts): PlainResponse {
  const { error } = facts;
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  };
  if (error.status === 401) headers['www-authenticate'] = 'Bearer';
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
  return { status: error.status, headers, body: JSON.stringify(bodyOf(facts)) };
}

function bodyOf({ path, publicApiPrefix, error, requestId, errors }: FailureFacts): unknown {
  const sentence = error.message;
  if (publicApiPrefix !== null && isUnder(path, publicApiPrefix)) return { success: false, msg: sentence };
  if (isUnder(path, '/api/chat')) return { success: false, error: sentence };
  const code = error.code.toUpperCase();
  return {
    success: false,
    error: sentence,
    error_code: code,
    // The name under which the console contract of /api/v1/admin reads it.
    ...(isUnder(path, '/api/v1/admin') ? { code } : {}),
    detail: sentence,
    message: sentence,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(errors === undefined ? {} : { errors }),
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
