import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isJsonObject } from '../../neutral/json.ts';
import { looseObject } from '../reading.ts';

/** The words of https://docs.claude.com/en/api/errors, by status. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

export function errorType(status: number): string {
  return TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** The error object that Anthropic's SDKs read. */
export function encodeError(error: GatewayError): string {
  return JSON.stringify({ type: 'error', error: { type: errorType(error.status), message: error.message } });
}

/** The SDKs raise on an `error` event; no `message_stop` follows, so nothing looks complete. */
export function encodeStreamError(error: GatewayError): Buffer {
  return Buffer.from(`event: error\ndata: ${encodeError(error)}\n\n`);
}

const LONGEST_MESSAGE = 1_000;

/** The sentence of an upstream's error body: `error.message`, or what compatible servers write in its place. */
export function decodeErrorMessage(body: Buffer): string | null {
  const parsed = parse(body);
  const { error, message, detail } = looseObject(parsed);
  const inner = isJsonObject(error) ? error['message'] : error;
  const sentence = [inner, message, detail].find((value) => typeof value === 'string' && value !== '');
  return typeof sentence === 'string' ? sentence.slice(0, LONGEST_MESSAGE) : null;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
