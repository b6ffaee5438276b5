import { isJsonObject, type Json } from '../../neutral/json.ts';
import { countText } from '../openai-chat/count-tokens.ts';

/** Members whose texts are no text that a model reads: media and signatures. */
const UNREAD = new Set([
  'data',
  'fileUri',
  'file_uri',
  'mimeType',
  'mime_type',
  'thoughtSignature',
  'thought_signature',
]);
const READ = ['contents', 'systemInstruction', 'system_instruction', 'tools'];

/** Tokens of a request by another family's tokenizer: an estimate, for want of a count of the upstream's own. */
export async function countRequest(body: Buffer): Promise<number> {
  const given = JSON.parse(body.toString()) as Json;
  const request = isJsonObject(given)
    ? (given['generateContentRequest'] ?? given['generate_content_request'] ?? given)
    : {};
  if (!isJsonObject(request)) return 0;
  const texts: string[] = [];
  for (const name of READ) collect(request[name], texts);
  return countText(texts.join('\n'));
}

/** Walks without recursion: the depth is the client's. */
function collect(root: Json | undefined, texts: string[]): void {
  const open: Json[] = root === undefined ? [] : [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') texts.push(value);
    else if (Array.isArray(value)) open.push(...value.toReversed());
    else if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) if (!UNREAD.has(key)) open.push(member);
    }
  }
}

/** https://ai.google.dev/api/tokens#response-body */
export function encodeTokenCount(tokens: number): string {
  return JSON.stringify({ totalTokens: tokens });
}
