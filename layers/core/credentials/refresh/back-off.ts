import { fractionOf } from './due.ts';
import type { TokenRow } from './tokens.ts';

const FIRST_MS = 30_000;
const LONGEST_MS = 3_600_000;
/** For a server that keeps failing. */
const SPENT_MS = 6 * 3_600_000;

/** Doubles with each failure in a row, by chance a fifth shorter; a server that says when is believed. */
export function backOffAfter(
  row: TokenRow,
  { now, retryAfterMs, isSpent }: { now: number; retryAfterMs: number | null; isSpent: boolean },
): { until: number; failures: number } {
  const failures = (row.backOff?.failures ?? 0) + 1;
  const usual = isSpent ? SPENT_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  const jitter = 0.8 + 0.2 * fractionOf(`${row.credentialId}\n${row.rotation}\n${failures}`);
  const ms = Math.max(Math.floor(usual * jitter), Math.min(retryAfterMs ?? 0, 24 * LONGEST_MS));
  return { until: now + ms, failures };
}
