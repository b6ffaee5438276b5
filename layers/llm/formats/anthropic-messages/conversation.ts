import { findMember, readMember } from '@sluice/kit/json/members';
import { skipSpace, skipValue } from '@sluice/kit/json/skip-value';
import { looseObject, looseString } from '../reading.ts';
import type { RequestFacts } from '../wire-format.ts';

/** Claude Code moves its marks along with the conversation. */
const CACHE_MARK = /,?\s*"cache_control"\s*:\s*(?:\{[^{}]*\}|null)/g;

/**
 * What a conversation keeps from its first turn to its last: the session that the client's `metadata.user_id` names
 * (Claude Code writes one), else its first message without marks. Null when there is neither.
 */
export function readConversation(body: Buffer, { scan }: Pick<RequestFacts, 'scan'>): string | Buffer | null {
  if (findMember(scan, 'metadata') !== undefined) {
    const user = looseString(looseObject(readMember(body, scan, 'metadata'))['user_id']);
    if (user?.includes('session')) return user;
  }
  const messages = findMember(scan, 'messages');
  if (messages === undefined) return null;
  const start = skipSpace(body, messages.valueStart + 1);
  const first = body.subarray(start, skipValue(body, start));
  return first.includes('"cache_control"') ? first.toString('latin1').replaceAll(CACHE_MARK, '') : first;
}
