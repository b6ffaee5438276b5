/** One line of what was pasted. */
export interface ImportLine {
  /** From 1, blank lines counted. */
  number: number;
  secret: string;
}

/** What stands in a text of one secret a line; who stands there twice is taken once. */
export function readLines(text: string): { lines: ImportLine[]; repeated: number } {
  const seen = new Set<string>();
  const lines: ImportLine[] = [];
  let repeated = 0;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const secret = raw.trim();
    if (secret === '') continue;
    if (seen.has(secret)) repeated += 1;
    else lines.push({ number: index + 1, secret });
    seen.add(secret);
  }
  return { lines, repeated };
}

const SHOWN = 4;

/** Enough of a secret to find it in one's own list, and too little to use it. */
export function hintOf(secret: string): string {
  return secret.length <= SHOWN * 3 ? '••••' : `${secret.slice(0, SHOWN)}…${secret.slice(-SHOWN)}`;
}
