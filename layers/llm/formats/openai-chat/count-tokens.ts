/**
 * Tokens by OpenAI's o200k encoding, for answers that the upstream did not report on. The encoding's tables are large,
 * so they are loaded when first needed and never while all upstreams report.
 */

/** Longer texts are counted over a part and scaled up: an estimate must not hold the process for seconds. */
const MOST_COUNTED_CHARACTERS = 128 * 1024;
/** Byte pair encoding of one very long word takes quadratic time; pieces keep it bounded. */
const PIECE_CHARACTERS = 8 * 1024;

export async function countText(text: string): Promise<number> {
  if (text === '') return 0;
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  const counted = text.slice(0, MOST_COUNTED_CHARACTERS);
  let tokens = 0;
  for (let start = 0; start < counted.length; start += PIECE_CHARACTERS) {
    // A user's text may spell out special tokens; it is text all the same.
    tokens += countTokens(counted.slice(start, start + PIECE_CHARACTERS), { disallowedSpecial: new Set() });
  }
  return Math.ceil(tokens * (text.length / counted.length));
}

/** OpenAI's own recipe: 3 tokens around each message, 1 for a name, 3 to begin the answer. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_NAME = 1;
const TOKENS_OF_REPLY = 3;

/** Tokens of a chat request: roles, texts, tool calls and tool definitions. Media count nothing here. */
export async function countRequest(body: Buffer): Promise<number> {
  const request = JSON.parse(body.toString()) as { messages?: unknown; tools?: unknown };
  const messages = Array.isArray(request.messages) ? (request.messages as unknown[]) : [];
  let tokens = TOKENS_OF_REPLY;
  const texts: string[] = [];
  for (const message of messages) {
    if (typeof message !== 'object' || message === null) continue;
    const { role, content, name, tool_calls: toolCalls } = message as Record<string, unknown>;
    tokens += TOKENS_PER_MESSAGE;
    if (typeof name === 'string') tokens += TOKENS_PER_NAME;
    texts.push(...[role, name].filter((value) => typeof value === 'string'), ...contentTexts(content));
    if (toolCalls !== undefined) texts.push(JSON.stringify(toolCalls));
  }
  if (request.tools !== undefined) texts.push(JSON.stringify(request.tools));
  for (const text of texts) tokens += await countText(text);
  return tokens;
}

function contentTexts(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return (content as { text?: unknown }[]).map((part) => part?.text).filter((text) => typeof text === 'string');
}
