import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseExact } from '@sluice/kit/json/parse-exact';
import type { CallContext, ClientContext, Codec, UpstreamCodec } from '../formats/codec.ts';
import { isJsonObject, type JsonObject } from '../neutral/json.ts';
import type { NeutralRequest } from '../neutral/request.ts';
import { withinDepth } from './depth.ts';

/** A client's request, decoded once and encoded for each upstream that is asked. */
export interface ConvertedRequest {
  /** @throws GatewayError naming the field at fault */
  read(): NeutralRequest;
  /** @throws GatewayError where the upstream's language cannot say what was asked for */
  encodeFor(upstream: UpstreamCodec, call: CallContext): JsonObject;
}

export function createConvertedRequest({
  codec,
  body,
  client,
}: {
  codec: Codec;
  body: Buffer;
  client: ClientContext;
}): ConvertedRequest {
  let decoded: NeutralRequest | null = null;
  const read = (): NeutralRequest => {
    if (decoded) return decoded;
    decoded = withinDepth(() => {
      const parsed = parseBody(body);
      client.requestBody = parsed;
      return codec.decodeRequest(parsed, client);
    }, tooDeep);
    client.request = decoded;
    return decoded;
  };
  return {
    read,
    encodeFor: (upstream, call) => withinDepth(() => upstream.encodeRequest(read(), call), tooDeep),
  };
}

/** A client's body. @throws GatewayError `invalid_json` */
export function parseBody(body: Buffer): JsonObject {
  try {
    const parsed = parseExact(body.toString('utf8'));
    if (isJsonObject(parsed)) return parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new GatewayError('invalid_json', { message: 'The request body is not valid JSON.', cause: error });
  }
  throw new GatewayError('invalid_json', { message: 'The request body must be a JSON object.' });
}

/**
 * The body's bytes. Parsing takes any depth, writing does not: here is where a body that is nested too deeply shows.
 * @throws GatewayError `invalid_json`
 */
export function writeBody(body: JsonObject): Buffer {
  return Buffer.from(withinDepth(() => JSON.stringify(body), tooDeep));
}

function tooDeep(cause: RangeError): GatewayError {
  return new GatewayError('invalid_json', { message: 'The request body is nested too deeply.', cause });
}
