/** What the address of the documentation says: words that are looked for, a tag, and the call that is open. */
export interface ReaderSearch {
  q?: string | undefined;
  tag?: string | undefined;
  op?: string | undefined;
}

/** Unknown values are ignored. A router reads `?q=4` as a number. */
export function readReaderSearch(search: Record<string, unknown>): ReaderSearch {
  const texts = (['q', 'tag', 'op'] as const).flatMap((name) => {
    const value = search[name];
    const isText = (typeof value === 'string' && value !== '') || typeof value === 'number';
    return isText ? [[name, String(value)] as const] : [];
  });
  return Object.fromEntries(texts);
}
