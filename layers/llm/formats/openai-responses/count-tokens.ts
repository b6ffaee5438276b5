import { countText } from '../openai-chat/count-tokens.ts';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import { inputItems } from './expand-stored.ts';

export { countText } from '../openai-chat/count-tokens.ts';

/** As in chat, which the models read alike: 3 tokens around each message, 3 to begin the answer. */
const TOKENS_PER_ITEM = 3;
const TOKENS_OF_REPLY = 3;

/** Members of items and parts that models read as text. */
const READ = ['role', 'text', 'refusal', 'name', 'arguments', 'input', 'output'] as const;

/** Tokens of a request: roles, texts, calls, results and tool definitions. Media count nothing here. */
export async function countRequest(body: Buffer): Promise<number> {
  const request = JSON.parse(body.toString()) as JsonObject;
  const texts: string[] = [];
  if (typeof request['instructions'] === 'string') texts.push(request['instructions']);
  const items = inputItems(request['input']);
  for (const item of items) addTexts(texts, item);
  if (request['tools'] !== undefined) texts.push(JSON.stringify(request['tools']));
  let tokens = TOKENS_OF_REPLY + TOKENS_PER_ITEM * items.length;
  for (const text of texts) tokens += await countText(text);
  return tokens;
}

/** Two levels: items, and the parts of their content, output and summary. */
function addTexts(texts: string[], value: Json): void {
  if (!isJsonObject(value)) return;
  for (const key of READ) if (typeof value[key] === 'string') texts.push(value[key]);
  for (const key of ['content', 'output', 'summary'] as const) {
    const parts = value[key];
    if (key === 'content' && typeof parts === 'string') texts.push(parts);
    if (!Array.isArray(parts)) continue;
    for (const part of parts) if (isJsonObject(part) && typeof part['text'] === 'string') texts.push(part['text']);
  }
}
