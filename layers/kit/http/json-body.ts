import { GatewayError } from '../errors/gateway-error.ts';
import { JsonSyntaxError } from '../json/json-syntax-error.ts';
import { scanObject } from '../json/members.ts';
import type { PlainRequest } from './exchange.ts';

const JSON_TYPE = /^application\/(?:json|[\w.+-]+\+json)\s*(?:;|$)/i;

/**
 * The JSON of a control-plane request; `undefined` when there is no body.
 * @throws GatewayError `unsupported_media_type`, or `invalid_json` naming line and column
 */
export function readJsonBody(request: PlainRequest): unknown {
  if (request.body.length === 0) return undefined;
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
    throw new GatewayError('unsupported_media_type', {
      message: 'This path takes JSON: send content-type: application/json.',
    });
  }
  try {
    return JSON.parse(request.body.toString('utf8')) as unknown;
  } catch {
    throw new GatewayError('invalid_json', { message: `The body is not valid JSON: ${placeOfFault(request.body)}.` });
  }
}

/** V8's own message quotes the body, which may be a password; ours names the place only. */
function placeOfFault(body: Buffer): string {
  try {
    scanObject(body);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  return 'it is not UTF-8';
}
