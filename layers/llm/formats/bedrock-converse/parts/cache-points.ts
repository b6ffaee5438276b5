import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { CacheMark } from '../../../neutral/parts.ts';
import type { Warn } from '../../../neutral/warning.ts';

/** A mark is an element of its own behind what it ends: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html */
export function encodeCachePoint(mark: CacheMark | undefined): JsonObject[] {
  if (mark === undefined) return [];
  return [{ cachePoint: mark.ttl === '1h' ? { type: 'default', ttl: '1h' } : { type: 'default' } }];
}

const MOST_POINTS = 4;

/** At most four; of too many the last of what all turns share stays, and the latest of the messages. */
export function limitCachePoints(body: JsonObject, warn: Warn): void {
  const tools = isJsonObject(body['toolConfig']) ? body['toolConfig']['tools'] : undefined;
  const messages = Array.isArray(body['messages']) ? (body['messages'] as JsonObject[]) : [];
  const lists = messages.map(({ content }) => content);
  const fixed = [...pointsIn(tools), ...pointsIn(body['system'])];
  const moving = lists.flatMap(pointsIn);
  const surplus = fixed.length + moving.length - MOST_POINTS;
  if (surplus > 0) {
    const removable = [...fixed.slice(0, -1), ...moving, ...fixed.slice(-1)];
    const removed = new Set(removable.slice(0, surplus));
    for (const list of [tools, body['system'], ...lists]) removeFrom(list, removed);
    warn('clamped', 'cache_control');
  }
}

function pointsIn(list: Json | undefined): JsonObject[] {
  return Array.isArray(list)
    ? list.filter((item): item is JsonObject => isJsonObject(item) && 'cachePoint' in item)
    : [];
}

function removeFrom(list: Json | undefined, removed: ReadonlySet<Json>): void {
  if (!Array.isArray(list)) return;
  for (let index = list.length - 1; index >= 0; index -= 1) if (removed.has(list[index] as Json)) list.splice(index, 1);
}
