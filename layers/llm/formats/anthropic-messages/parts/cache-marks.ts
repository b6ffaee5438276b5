import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { CacheMark } from '../../../neutral/parts.ts';
import type { Warn } from '../../../neutral/warning.ts';

/** `cache_control` of a block or tool: https://docs.claude.com/en/docs/build-with-claude/prompt-caching */
export function decodeCacheMark(value: Json | undefined): CacheMark | undefined {
  if (!isJsonObject(value)) return undefined;
  return { ttl: value['ttl'] === '1h' ? '1h' : '5m' };
}

export function encodeCacheMark(mark: CacheMark | undefined): JsonObject {
  if (mark === undefined) return {};
  return { cache_control: mark.ttl === '1h' ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' } };
}

const MOST_MARKS = 4;

/**
 * At most four marks, and no hour behind five minutes; both are refused. Of too many the last of what is the same in all
 * turns (tools and system) stays, and the latest of the messages.
 */
export function limitCacheMarks(body: JsonObject, warn: Warn): void {
  const fixed = [...markedIn(body['tools']), ...markedIn(body['system'])];
  const moving = markedIn(body['messages']);
  const surplus = fixed.length + moving.length - MOST_MARKS;
  if (surplus > 0) {
    const removable = [...fixed.slice(0, -1), ...moving, ...fixed.slice(-1)];
    for (const block of removable.slice(0, surplus)) delete block['cache_control'];
    warn('clamped', 'cache_control');
  }
  let hasShort = false;
  for (const block of [...fixed, ...moving]) {
    const mark = block['cache_control'];
    if (!isJsonObject(mark)) continue;
    if (mark['ttl'] !== '1h') hasShort = true;
    else if (hasShort) block['cache_control'] = { type: 'ephemeral' };
  }
}

/** Blocks with a mark, in the order of the prompt: of messages, of their content, of results inside it. */
function markedIn(value: Json | undefined): JsonObject[] {
  if (!Array.isArray(value)) return [];
  const marked: JsonObject[] = [];
  for (const block of value) {
    if (!isJsonObject(block)) continue;
    marked.push(...markedIn(block['content']));
    if (isJsonObject(block['cache_control'])) marked.push(block);
  }
  return marked;
}
