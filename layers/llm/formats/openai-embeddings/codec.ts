import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { EmbedRequest, EmbedResponse, EmbedVector } from '../../neutral/embed.ts';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import type { EmbedCallContext, EmbedClientContext, EmbedCodec } from '../embed-codec.ts';
import { decodeUsage } from '../openai-chat/usage.ts';
import { leaveOutExtras } from '../policy.ts';
import { looseNumber, looseString } from '../reading.ts';
import { decodeRequest } from './decode-request.ts';
import { inputTokens } from '../usage-figures.ts';
import { toBase64, toFloats } from './vector.ts';

/** https://platform.openai.com/docs/api-reference/embeddings */
export const OPENAI_EMBEDDINGS_CODEC: EmbedCodec = {
  name: 'openai-embeddings',
  operationOf: () => 'embed',
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
};

function encodeRequest(request: EmbedRequest, call: EmbedCallContext): JsonObject {
  const { inputs, single, dimensions, encoding, endUser, extras } = request;
  const isOwn = extras.format === 'openai-embeddings';
  if (!isOwn) leaveOutExtras(extras, call.warn);
  if (inputs.some((input) => input.extras)) call.warn('dropped', 'input');
  const contents = inputs.map(({ content }) => content);
  return {
    model: call.model,
    input: single ? (contents[0] as Json) : contents,
    ...(dimensions === null ? {} : { dimensions }),
    encoding_format: encoding,
    ...(endUser === null ? {} : { user: endUser }),
    ...(isOwn ? extras.members : {}),
  };
}

function decodeResponse(body: JsonObject, call: EmbedCallContext): EmbedResponse {
  const { data } = body;
  if (!Array.isArray(data)) {
    throw new GatewayError('upstream_error', { message: 'The upstream answered with something that is no embedding.' });
  }
  const entries = data.map((entry, place) => {
    const vector = isJsonObject(entry) ? decodeVector(entry['embedding']) : null;
    if (vector === null) {
      throw new GatewayError('upstream_error', { message: `The upstream answered without the embedding ${place}.` });
    }
    return { vector, index: isJsonObject(entry) ? (looseNumber(entry['index']) ?? place) : place };
  });
  const vectors = entries.toSorted((left, right) => left.index - right.index).map(({ vector }) => vector);
  return { model: looseString(body['model']) ?? call.model, vectors, usage: decodeUsage(body['usage']) };
}

function decodeVector(vector: Json | undefined): EmbedVector | null {
  if (typeof vector === 'string') return vector;
  return Array.isArray(vector) ? vector.map((value) => looseNumber(value) ?? 0) : null;
}

function encodeResponse({ vectors, usage }: EmbedResponse, { model, request }: EmbedClientContext): JsonObject {
  const write = request.encoding === 'base64' ? toBase64 : toFloats;
  const tokens = usage ? inputTokens(usage) : 0;
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: write(vector) })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
