import { encodeErrorEnvelope } from '@sluice/kit/errors/envelopes';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { ErrorCode } from '@sluice/kit/errors/catalogue';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import { looseArray, looseCount, looseObject, looseString } from '../reading.ts';

/** Google's error object: https://cloud.google.com/apis/design/errors */
export function encodeError(error: GatewayError): string {
  return encodeErrorEnvelope('google', error, null).body;
}

/** SDKs raise when an event holds `error`. */
export function encodeStreamError(error: GatewayError): Buffer {
  return Buffer.from(`data: ${encodeError(error)}\n\n`);
}

const LONGEST_MESSAGE = 1_000;

/** The upstream's own sentence; the body may be the error or, of an array stream, a list that holds it. */
export function decodeErrorMessage(body: Buffer): string | null {
  const error = errorIn(parse(body));
  const message = looseString(error?.['message']);
  return message === null || message === '' ? null : message.slice(0, LONGEST_MESSAGE);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

function errorIn(body: unknown): JsonObject | null {
  const holder = Array.isArray(body) ? (body.find(isJsonObject) as JsonObject | undefined) : body;
  if (!isJsonObject(holder)) return null;
  const { error } = holder;
  if (typeof error === 'string') return { message: error };
  return isJsonObject(error) ? error : null;
}

/** Seconds until the call may succeed, as `RetryInfo` says it; null when it does not. */
function retryAfterOf(error: JsonObject | null): number | null {
  for (const detail of looseArray(error?.['details'])) {
    const { retryDelay } = looseObject(detail);
    const seconds = typeof retryDelay === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(retryDelay)?.[1] : undefined;
    if (seconds !== undefined) return Math.ceil(Number(seconds));
  }
  return null;
}

/** As statuses are told of before a stream begins (docs/decisions/0005). */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'upstream_credential_refused',
  403: 'upstream_credential_refused',
  404: 'not_found',
  408: 'upstream_timeout',
  413: 'body_too_large',
  429: 'rate_limit_exceeded',
  504: 'upstream_timeout',
};

/** An error that came inside of an answer. */
export function decodeStreamError(error: Json): GatewayError {
  const facts = isJsonObject(error) ? error : { message: looseString(error) };
  const code = CODES[looseCount(facts['code']) ?? 0] ?? 'upstream_error';
  const message = looseString(facts['message'])?.slice(0, LONGEST_MESSAGE) || 'The upstream reported an error.';
  const retryAfterSeconds = retryAfterOf(facts);
  return new GatewayError(code, { message, ...(retryAfterSeconds !== null && { retryAfterSeconds }) });
}
