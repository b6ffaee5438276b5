/** Something done to many in several calls. `next` does the next part; after a failure it does that part again. */
export interface LongWork<Result> {
  /** How many results there will be; null: nobody knows. */
  total: number | null;
  next(signal: AbortSignal): Promise<{ results: readonly Result[]; isDone: boolean }>;
}

/** Sends items in parts, each of which stays below what one call takes. */
export function inParts<Item, Result>(
  items: readonly Item[],
  size: number,
  send: (part: readonly Item[], signal: AbortSignal) => Promise<readonly Result[]>,
): LongWork<Result> {
  let position = 0;
  return {
    total: items.length,
    async next(signal) {
      const part = items.slice(position, position + size);
      const results = part.length === 0 ? [] : await send(part, signal);
      position += part.length;
      return { results, isDone: position >= items.length };
    },
  };
}

/** Goes from cursor to cursor until there is none. */
export function byCursor<Cursor, Result>(
  first: Cursor,
  send: (cursor: Cursor, signal: AbortSignal) => Promise<{ results: readonly Result[]; next: Cursor | null }>,
): LongWork<Result> {
  let cursor = first;
  let isDone = false;
  return {
    total: null,
    async next(signal) {
      if (isDone) return { results: [], isDone };
      const { results, next } = await send(cursor, signal);
      if (next === null) isDone = true;
      else cursor = next;
      return { results, isDone };
    },
  };
}
