import { GatewayError } from '@sluice/kit/errors/gateway-error';

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Ours to set, or about the connection. */
const RESERVED = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'content-type',
  'accept-encoding',
]);

/** A credential of kind `headers`: a JSON object of header names and values, as its operator wrote it. */
export function operatorHeaders(upstream: string, secret: string): Record<string, string> | GatewayError {
  const headers: Record<string, string> = {};
  const refusal = new GatewayError('upstream_error', {
    message: `The headers credential of upstream "${upstream}" is not a JSON object of header names and values.`,
  });
  const parsed = parse(secret);
  if (parsed === null) return refusal;
  for (const [given, value] of Object.entries(parsed)) {
    const name = given.toLowerCase();
    if (typeof value !== 'string' || !HEADER_NAME.test(name) || RESERVED.has(name) || /[\r\n\0]/.test(value)) {
      return refusal;
    }
    headers[name] = value;
  }
  return headers;
}

function parse(secret: string): object | null {
  try {
    const value: unknown = JSON.parse(secret);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
