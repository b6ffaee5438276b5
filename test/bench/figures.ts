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

export interface Line {
  slope: number;
  /** Standard error of the slope: what the points' scatter alone would make of it. */
  error: number;
}

/** The straight line that fits the points best, by least squares. */
export function fitLine(points: readonly { x: number; y: number }[]): Line {
  const count = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const residue = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(residue / (count - 2) / spread) };
}
