import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type JsonObject } from '@sluice/llm/neutral/json';

/** A whole answer of an upstream. @throws GatewayError `upstream_error` */
export function parseAnswer(body: Buffer): JsonObject {
  try {
    const parsed = parseExact(body.toString());
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Told below.
  }
  throw new GatewayError('upstream_error', { message: 'The upstream answered with something that is no JSON object.' });
}
