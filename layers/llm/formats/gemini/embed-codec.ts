import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { EmbedInput, EmbedRequest, EmbedResponse, EmbedVector } from '../../neutral/embed.ts';
import type { Json, JsonObject } from '../../neutral/json.ts';
import type { EmbedCallContext, EmbedClientContext, EmbedCodec } from '../embed-codec.ts';
import { toFloats } from '../openai-embeddings/vector.ts';
import { leaveOutExtras } from '../policy.ts';
import {
  asArray,
  asCount,
  asObject,
  asText,
  invalidField,
  looseNumber,
  looseObject,
  missingField,
  pathOf,
  wrongType,
} from '../reading.ts';
import { asList, field, membersBeyond, optionalField } from './parts/fields.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/** `embedContent` and `batchEmbedContents`, told apart by `requests`: https://ai.google.dev/api/embeddings */
export const GEMINI_EMBED_CODEC: EmbedCodec = {
  name: 'gemini',
  decodeRequest,
  encodeRequest,
  operationOf: (body) => ('requests' in body ? 'embed-batch' : 'embed'),
  decodeResponse,
  encodeResponse,
};

const KNOWN = new Set(['model', 'content', 'outputDimensionality']);
const KNOWN_OF_BATCH = new Set(['model', 'requests']);

function decodeRequest(body: JsonObject): EmbedRequest {
  const batch = field(body, 'requests');
  const requests =
    batch == null ? [body] : asArray(batch, 'requests').map((item, index) => asObject(item, pathOf('requests', index)));
  if (requests.length === 0) throw wrongType('requests', 'an array of at least one request');
  const paths = requests.map((_request, index) => (batch == null ? '' : pathOf('requests', index)));
  const dimensions = requests.map((request, index) =>
    optionalField(request, 'outputDimensionality', asCount, paths[index]),
  );
  const other = dimensions.findIndex((count) => count !== dimensions[0]);
  if (other >= 0) {
    const path = pathOf(paths[other] ?? '', 'outputDimensionality');
    throw invalidField(path, `'${path}' must be the same in all requests of a batch.`);
  }
  return {
    model: '',
    inputs: requests.map((request, index) => decodeInput(request, paths[index] ?? '')),
    single: batch == null,
    dimensions: dimensions[0] ?? null,
    encoding: 'float',
    endUser: null,
    extras: { format: 'gemini', members: (batch == null ? null : membersBeyond(body, KNOWN_OF_BATCH)) ?? {} },
  };
}

function decodeInput(request: JsonObject, path: string): EmbedInput {
  const at = pathOf(path, 'content');
  const given = field(request, 'content');
  if (given == null) throw missingField(at);
  const parts =
    typeof given === 'string'
      ? [{ text: given }]
      : asList(field(asObject(given, at), 'parts') ?? null, pathOf(at, 'parts'));
  const texts = parts.map((part, index) => {
    const partPath = pathOf(pathOf(at, 'parts'), index);
    if (field(part, 'text') == null)
      throw invalidField(partPath, `'${partPath}' must be a text: this model embeds no media.`);
    return asText(field(part, 'text'), pathOf(partPath, 'text'));
  });
  if (texts.length === 0) throw wrongType(pathOf(at, 'parts'), 'an array of at least one part');
  const extras = membersBeyond(request, KNOWN);
  return { content: texts.join('\n'), ...(extras && { extras }) };
}

function encodeRequest(request: EmbedRequest, call: EmbedCallContext): JsonObject {
  const { inputs, single, dimensions, endUser, extras } = request;
  if (endUser !== null) call.warn('vendor-only', 'user');
  const isOwn = extras.format === 'gemini';
  if (!isOwn) leaveOutExtras(extras, call.warn);
  const requests = inputs.map((input, index) => ({
    model: call.model.includes('/') ? call.model : `models/${call.model}`,
    content: { parts: [{ text: textOf(input, index, single) }] },
    ...(dimensions !== null && { outputDimensionality: dimensions }),
    ...(isOwn ? input.extras : {}),
  }));
  const [first] = requests;
  return single && first ? first : { requests, ...(isOwn ? extras.members : {}) };
}

function textOf({ content }: EmbedInput, index: number, single: boolean): string {
  if (typeof content === 'string') return content;
  const path = single ? 'input' : `input[${index}]`;
  throw invalidField(path, `'${path}' must be a text: this model’s upstream does not read another tokenizer’s tokens.`);
}

function decodeResponse(body: JsonObject, call: EmbedCallContext): EmbedResponse {
  const batch = body['embeddings'];
  const embeddings: Json[] = Array.isArray(batch) ? batch : [body['embedding'] ?? null];
  const vectors = embeddings.map((embedding, index): EmbedVector => {
    const { values } = looseObject(embedding);
    if (Array.isArray(values)) return values.map((value) => looseNumber(value) ?? 0);
    throw new GatewayError('upstream_error', { message: `The upstream answered without the embedding ${index}.` });
  });
  return { model: call.model, vectors, usage: decodeUsage(body['usageMetadata']) };
}

function encodeResponse({ vectors, usage }: EmbedResponse, { request }: EmbedClientContext): JsonObject {
  const embeddings = vectors.map((vector) => ({ values: toFloats(vector) }));
  const [first] = embeddings;
  const { promptTokenCount, totalTokenCount } = encodeUsage(usage) as Record<string, number>;
  const report: JsonObject = usage ? { usageMetadata: { promptTokenCount, totalTokenCount } as JsonObject } : {};
  return request.single && first ? { embedding: first, ...report } : { embeddings, ...report };
}
