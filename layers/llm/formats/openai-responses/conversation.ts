import { findMember, readMember } from '@sluice/kit/json/members';
import { skipSpace, skipValue } from '@sluice/kit/json/skip-value';
import type { RequestFacts } from '../wire-format.ts';

const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/** Where the role stands in an item is the client's business; its content may be long. */
const IS_SETTING = /"role"\s*:\s*"(?:system|developer)"/;
const LONGEST_OPENING = 128;

/**
 * What a conversation keeps from its first turn to its last: the client's own `prompt_cache_key` where it gives one
 * (https://platform.openai.com/docs/guides/prompt-caching), else the first items of its input up to the first that is
 * not an instruction, byte for byte. Null when there is neither.
 */
export function readConversation(body: Buffer, { scan }: Pick<RequestFacts, 'scan'>): string | Buffer | null {
  if (findMember(scan, 'prompt_cache_key') !== undefined) {
    const key = readMember(body, scan, 'prompt_cache_key');
    if (typeof key === 'string' && key !== '') return key;
  }
  const input = findMember(scan, 'input');
  if (input === undefined) return null;
  if (body[input.valueStart] !== OPEN_BRACKET) return body.subarray(input.valueStart, input.valueEnd);
  const start = skipSpace(body, input.valueStart + 1);
  let offset = start;
  while (body[offset] !== CLOSE_BRACKET) {
    const end = skipValue(body, offset);
    const opening = body.toString('latin1', offset, Math.min(end, offset + LONGEST_OPENING));
    if (!IS_SETTING.test(opening)) return body.subarray(start, end);
    offset = skipSpace(body, end);
    if (body[offset] === COMMA) offset = skipSpace(body, offset + 1);
  }
  return offset === start ? null : body.subarray(start, offset);
}
