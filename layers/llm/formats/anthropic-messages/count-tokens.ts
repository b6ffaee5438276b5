import { isJsonObject, type Json } from '../../neutral/json.ts';
import { countText } from '../openai-chat/count-tokens.ts';
import { looseArray, looseObject } from '../reading.ts';

export { countText } from '../openai-chat/count-tokens.ts';

/** The frame of a message; Anthropic publishes no tokenizer, so all of this is an estimate. */
const TOKENS_PER_MESSAGE = 3;

/** Members of blocks that models read as text. */
const READ = ['text', 'thinking', 'name', 'title', 'context'] as const;

/** Tokens of a request: texts, calls, results and tool definitions. Media count nothing here. */
export async function countRequest(body: Buffer): Promise<number> {
  const request = looseObject(JSON.parse(body.toString()));
  const texts: string[] = [];
  addTexts(texts, request['system']);
  const messages = looseArray(request['messages']);
  for (const message of messages) addTexts(texts, looseObject(message)['content']);
  for (const tool of looseArray(request['tools'])) texts.push(JSON.stringify(tool));
  let tokens = TOKENS_PER_MESSAGE * messages.length;
  for (const text of texts) tokens += await countText(text);
  return tokens;
}

function addTexts(texts: string[], content: Json | undefined): void {
  if (typeof content === 'string') texts.push(content);
  for (const block of looseArray(content)) {
    if (!isJsonObject(block)) continue;
    for (const key of READ) if (typeof block[key] === 'string') texts.push(block[key]);
    if (block['input'] !== undefined) texts.push(JSON.stringify(block['input']));
    if (block['content'] !== undefined) addTexts(texts, block['content']);
    const source = block['source'];
    if (isJsonObject(source) && source['type'] === 'text' && typeof source['data'] === 'string')
      texts.push(source['data']);
  }
}
