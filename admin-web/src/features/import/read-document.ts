/** A pasted document is JSON or it is not; where it is not, the line and column say so. */
export type ReadDocument = { ok: true; document: unknown } | { ok: false; line: number | null; column: number | null };

export function readDocument(text: string): ReadDocument {
  try {
    return { ok: true, document: JSON.parse(text) };
  } catch (error) {
    return { ok: false, ...placeOf(error, text) };
  }
}

/** Engines word it differently: `… at position 12 …`, `… at line 3 column 4 …`, or not at all. */
function placeOf(error: unknown, text: string): { line: number | null; column: number | null } {
  const message = error instanceof Error ? error.message : '';
  const place = /line (\d+) column (\d+)/.exec(message);
  if (place) return { line: Number(place[1]), column: Number(place[2]) };
  const position = /at position (\d+)/.exec(message);
  const end = /end of (JSON|data)/i.test(message) ? text.length : null;
  const offset = position ? Number(position[1]) : end;
  if (offset === null) return { line: null, column: null };
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
