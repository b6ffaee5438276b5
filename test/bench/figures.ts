export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The durations of a `server-timing` header by name, milliseconds (https://www.w3.org/TR/server-timing/). */
export function readServerTiming(header: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const entry of header.split(',')) {
    const match = /^\s*([^;\s]+).*?;\s*dur=([\d.]+)/.exec(entry);
    if (match?.[1] !== undefined) found[match[1]] = Number(match[2]);
  }
  return found;
}
