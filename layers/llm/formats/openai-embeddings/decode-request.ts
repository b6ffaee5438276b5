import type { EmbedInput, EmbedRequest } from '../../neutral/embed.ts';
import type { Json, JsonObject } from '../../neutral/json.ts';
import {
  asArray,
  asCount,
  asInteger,
  asOneOf,
  asString,
  asText,
  invalidField,
  missingField,
  optional,
  pathOf,
  wrongType,
} from '../reading.ts';

const KNOWN: ReadonlySet<string> = new Set(['dimensions', 'encoding_format', 'input', 'model', 'user']);

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export function decodeRequest(body: JsonObject): EmbedRequest {
  const input = body['input'];
  return {
    model: asText(body['model'], 'model'),
    inputs: decodeInput(input),
    single: !Array.isArray(input) || typeof input[0] === 'number',
    dimensions: optional(body, 'dimensions', asCount),
    encoding: optional(body, 'encoding_format', (value, path) => asOneOf(value, ENCODINGS, path)) ?? 'float',
    endUser: optional(body, 'user', asString),
    extras: {
      format: 'openai-embeddings',
      members: Object.fromEntries(Object.entries(body).filter(([name, value]) => !KNOWN.has(name) && value !== null)),
    },
  };
}

const ENCODINGS = ['float', 'base64'] as const;

/** A text, the tokens of one, or a list of either. */
function decodeInput(input: Json | undefined): EmbedInput[] {
  if (input == null) throw missingField('input');
  if (typeof input === 'string') return [{ content: asText(input, 'input') }];
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array');
  if (input.length === 0) throw invalidField('input', "'input' must not be an empty array.");
  if (typeof input[0] === 'number') return [{ content: decodeTokens(input, 'input') }];
  return input.map((entry, index) => {
    const path = pathOf('input', index);
    return { content: Array.isArray(entry) ? decodeTokens(entry, path) : asText(entry, path) };
  });
}

function decodeTokens(tokens: Json[], path: string): number[] {
  if (asArray(tokens, path).length === 0) throw invalidField(path, `'${path}' must not be an empty array.`);
  return tokens.map((token, index) => asInteger(token, pathOf(path, index)));
}
