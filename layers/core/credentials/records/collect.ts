/** A page of something that is read in pages and looked through. */
export interface Collected<Item> {
  items: Item[];
  nextCursor: string | null;
}

/**
 * Reads on until a page is full, or enough was looked at: what comes then may be less than asked for, and goes on. Never
 * more is read at once than there is room for, so that the cursor stands right behind the last one shown.
 * @param keep which of those read are shown
 */
export async function collect<Item, Shown>(
  read: (page: { limit: number; cursor: string | null }) => Promise<Collected<Item>>,
  keep: (items: Item[]) => Promise<Shown[]>,
  { limit, cursor, mostRounds }: { limit: number; cursor: string | null; mostRounds: number },
): Promise<Collected<Shown>> {
  const items: Shown[] = [];
  let position = cursor;
  for (let round = 1; round <= mostRounds; round += 1) {
    const page = await read({ limit: limit - items.length, cursor: position });
    items.push(...(await keep(page.items)));
    position = page.nextCursor;
    if (position === null || items.length >= limit) break;
  }
  return { items, nextCursor: position };
}
