import { findMember, readMember } from '@sluice/kit/json/members';
import { skipSpace, skipValue } from '@sluice/kit/json/skip-value';
import type { RequestFacts } from '../wire-format.ts';

const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

/** Clients put the role first; where they do not, one message more or less goes into the key. */
const OPENS_WITH_SETTING = /^\{\s*"role"\s*:\s*"(?:system|developer)"/;
const LONGEST_OPENING = 64;

/**
 * What a conversation keeps from its first turn to its last: the client's own `prompt_cache_key` where it gives one
 * (https://platform.openai.com/docs/guides/prompt-caching), else its first messages up to the first that is not the
 * system's, byte for byte. Null when there is neither.
 */
export function readConversation(body: Buffer, { scan }: Pick<RequestFacts, 'scan'>): string | Buffer | null {
  if (findMember(scan, 'prompt_cache_key') !== undefined) {
    const key = readMember(body, scan, 'prompt_cache_key');
    if (typeof key === 'string' && key !== '') return key;
  }
  const messages = findMember(scan, 'messages');
  if (messages === undefined) return null;
  const start = skipSpace(body, messages.valueStart + 1);
  let offset = start;
  while (body[offset] !== CLOSE_BRACKET) {
    const isSetting = OPENS_WITH_SETTING.test(body.toString('latin1', offset, offset + LONGEST_OPENING));
    const end = skipValue(body, offset);
    if (!isSetting) return body.subarray(start, end);
    offset = skipSpace(body, end);
    if (body[offset] === COMMA) offset = skipSpace(body, offset + 1);
  }
  return offset === start ? null : body.subarray(start, offset);
}
