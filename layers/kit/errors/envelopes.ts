import { ERROR_CATALOGUE } from './catalogue.ts';
import type { GatewayError } from './gateway-error.ts';

/**
 * Whose error object a caller reads (architecture.md §9, "Error envelopes by path"). `public` is `{success, msg}`,
 * `chat` is `{success, error}`, `union` is one object that every contract's reader understands.
 */
export type ErrorEnvelope = 'openai' | 'anthropic' | 'google' | 'public' | 'chat' | 'union';

/** A whole answer. The body is JSON; header names are lower-case. */
export interface EncodedError {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type ErrorFacts = Pick<GatewayError, 'code' | 'status' | 'type' | 'message' | 'param' | 'retryAfterSeconds'> & {
  headers?: Readonly<Record<string, string>> | undefined;
};

/**
 * An error as the readers of this envelope know it. The status is the envelope's too: Anthropic says 529 where others
 * say 503.
 * @param requestId ours; told in the body where the envelope has a place for it, and left out when null
 * @param more further members of the `union` object
 */
export function encodeErrorEnvelope(
  envelope: ErrorEnvelope,
  error: ErrorFacts,
  requestId: string | null,
  more: Readonly<Record<string, unknown>> = {},
): EncodedError {
  const status = envelope === 'anthropic' && error.status === 503 ? 529 : error.status;
  return { status, headers: headersOf(error), body: JSON.stringify(BODIES[envelope](error, requestId, more)) };
}

function headersOf(error: ErrorFacts): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  if (error.status === 401) headers['www-authenticate'] = 'Bearer';
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
  // SDKs repeat every 429 by themselves; what is used up for hours or days is not worth repeating.
  if (error.status === 429 && !ERROR_CATALOGUE[error.code].retryable) headers['x-should-retry'] = 'false';
  return { ...headers, ...error.headers };
}

type Body = (error: ErrorFacts, requestId: string | null, more: Readonly<Record<string, unknown>>) => object;

const BODIES: Readonly<Record<ErrorEnvelope, Body>> = {
  openai: ({ message, type, param, code }) => ({ error: { message, type, param: param ?? null, code } }),
  anthropic: ({ status, message }, requestId) => ({
    type: 'error',
    error: { type: anthropicType(status), message },
    ...(requestId === null ? {} : { request_id: requestId }),
  }),
  google: googleBody,
  public: ({ message }) => ({ success: false, msg: message }),
  chat: ({ message }) => ({ success: false, error: message }),
  union: ({ code, message }, requestId, more) => ({
    success: false,
    error: message,
    error_code: code.toUpperCase(),
    detail: message,
    message,
    ...(requestId === null ? {} : { request_id: requestId }),
    ...more,
  }),
};

/** https://docs.claude.com/en/api/errors */
const ANTHROPIC_TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [408, 'timeout_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

function anthropicType(status: number): string {
  return ANTHROPIC_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** https://cloud.google.com/apis/design/errors: HTTP statuses as google.rpc.Code, nearest where it has none. */
const GOOGLE_STATUSES: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'DEADLINE_EXCEEDED'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
  [529, 'UNAVAILABLE'],
]);

function googleBody(error: ErrorFacts, requestId: string | null): object {
  const { status, message, code, param, retryAfterSeconds } = error;
  // Its SDKs and CLI read the reason and the delay from the details, not from headers.
  const details: object[] = [detail('ErrorInfo', { reason: code.toUpperCase(), domain: 'sluice' })];
  if (param !== undefined) {
    details.push(detail('BadRequest', { fieldViolations: [{ field: param, description: message }] }));
  }
  if (retryAfterSeconds !== undefined) details.push(detail('RetryInfo', { retryDelay: `${retryAfterSeconds}s` }));
  if (requestId !== null) details.push(detail('RequestInfo', { requestId }));
  const name = GOOGLE_STATUSES.get(status) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  return { error: { code: status, message, status: name, details } };
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto */
function detail(type: string, fields: object): object {
  return { '@type': `type.googleapis.com/google.rpc.${type}`, ...fields };
}
