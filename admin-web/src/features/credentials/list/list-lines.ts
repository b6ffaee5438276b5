/** A proxy as it is sent: one that is kept, by its id, or a new address. */
export type SentProxy = string | { id: string; url: string };

interface StoredProxy {
  id: string;
  /** With stars in place of a password. */
  url: string;
}

/** The lines of a text, without blank ones and repeated ones. */
export function linesOf(text: string): string[] {
  return [...new Set(text.split(/\r?\n/).map((line) => line.trim()))].filter((line) => line !== '');
}

/** What saving a text would bring and take away. */
export function differenceOf(text: string, stored: readonly string[]): { added: string[]; removed: string[] } {
  const lines = new Set(linesOf(text));
  const known = new Set(stored);
  return {
    added: [...lines].filter((line) => !known.has(line)),
    removed: stored.filter((line) => !lines.has(line)),
  };
}

/**
 * Lines that stand as they were shown keep their id, and with it a password that the console never sees. Two proxies
 * that differ in their password only are shown alike: both are kept by one line.
 */
export function proxiesToSend(text: string, stored: readonly StoredProxy[]): SentProxy[] {
  return linesOf(text).flatMap((line): SentProxy[] => {
    const kept = stored.filter(({ url }) => url === line);
    return kept.length === 0 ? [line] : kept.map(({ id, url }) => ({ id, url }));
  });
}
