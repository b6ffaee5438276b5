import { OpenAiError } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import { createRandom } from '../text.ts';

const DIMENSIONS = 64;
const BYTES_PER_TOKEN = 4;

/** A unit vector that depends on nothing but the text. */
function embed(text: string, dimensions: number): number[] {
  const random = createRandom(text);
  const raw = Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...raw);
  return raw.map((value) => Math.fround(value / length));
}

/** `POST /v1/embeddings`: https://platform.openai.com/docs/api-reference/embeddings */
export function answerOpenAiEmbeddings(body: unknown): object {
  if (!isObject(body)) throw new OpenAiError({ status: 400, message: 'The request body is not an object.' });
  const { model, input, encoding_format: format, dimensions } = body;
  if (typeof model !== 'string') throw new OpenAiError({ status: 400, message: 'you must provide a model parameter' });
  const texts = readInputs(input);
  const size = typeof dimensions === 'number' ? dimensions : DIMENSIONS;
  const data = texts.map((text, index) => {
    const vector = embed(text, size);
    const embedding = format === 'base64' ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector;
    return { object: 'embedding', index, embedding };
  });
  const tokens = texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN), 0);
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

function readInputs(input: unknown): string[] {
  if (typeof input === 'string' && input !== '') return [input];
  if (Array.isArray(input) && input.length > 0) {
    if (typeof input[0] === 'number') return [JSON.stringify(input)];
    return (input as unknown[]).map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
  }
  throw new OpenAiError({ status: 400, message: "'$.input' is invalid.", param: 'input' });
}

/** `models/{m}:embedContent` and `:batchEmbedContents`: https://ai.google.dev/api/embeddings */
export function answerGeminiEmbeddings(body: unknown, isBatch: boolean): object {
  const requests = isBatch && isObject(body) ? body['requests'] : [body];
  if (!Array.isArray(requests) || requests.length === 0)
    throw new OpenAiError({ status: 400, message: 'requests is empty' });
  const embeddings = (requests as unknown[]).map((request) => {
    const content = isObject(request) && isObject(request['content']) ? request['content'] : {};
    const parts = Array.isArray(content['parts']) ? (content['parts'] as unknown[]).filter(isObject) : [];
    if (parts.length === 0) throw new OpenAiError({ status: 400, message: 'content is empty' });
    const text = parts.map((part) => String(part['text'] ?? '')).join('');
    const size =
      isObject(request) && typeof request['outputDimensionality'] === 'number'
        ? request['outputDimensionality']
        : DIMENSIONS;
    return { values: embed(text, size) };
  });
  return isBatch ? { embeddings } : { embedding: embeddings[0] };
}
