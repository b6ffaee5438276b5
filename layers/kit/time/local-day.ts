const DAY_SECONDS = 86_400;

/**
 * The day that a second falls into, for a fixed offset from UTC (no zone, so no summer time). Quotas of keys and the
 * life of media both follow it.
 * @param seconds since the epoch
 * @param offsetMinutes minutes east of UTC
 */
export function localDayAt(seconds: number, offsetMinutes: number): { start: number; end: number } {
  const phase = -offsetMinutes * 60;
  const start = Math.floor((seconds - phase) / DAY_SECONDS) * DAY_SECONDS + phase;
  return { start, end: start + DAY_SECONDS };
}

/** Milliseconds since the epoch of the first instant of the next local day. */
export function nextLocalMidnight(nowMs: number, offsetMinutes: number): number {
  return localDayAt(Math.floor(nowMs / 1_000), offsetMinutes).end * 1_000;
}
