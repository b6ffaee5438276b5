/** A counter whose window ended longer ago than the margin and some: nobody is admitted to it any more. */
export function isForgotten(counter: string, nowMs: number): boolean {
  const window = counter.split('#')[2];
  if (window === undefined) return false;
  const start = Number.parseInt(window.slice(1), 36) * 1_000;
  const length = LENGTHS[window.charAt(0)];
  return length !== undefined && start + length + (window.startsWith('m') ? FORGOTTEN_MINUTE_MS : FORGOTTEN_MS) < nowMs;
}

/** Less than the algorithm's own, so that what it skips is not looked for; longer than any process may lag behind. */
const FORGOTTEN_MS = 18 * 60_000;
const FORGOTTEN_MINUTE_MS = 3 * 60_000;
const LENGTHS: Readonly<Record<string, number>> = {
  m: 60_000,
  r: 86_400_000,
  d: 86_400_000,
  M: 31 * 86_400_000,
};
