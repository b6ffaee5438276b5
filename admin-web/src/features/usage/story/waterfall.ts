import type { UsageLogRow } from '@sluice/contract/usage';

/** A stretch of a request's time, in milliseconds since it came. */
export interface Stretch {
  kind: 'gateway' | 'attempt' | 'answer';
  /** Of an attempt: which one, from 0. */
  attempt?: number | undefined;
  from: number;
  to: number;
}

type Timed = Pick<UsageLogRow, 'attempts' | 'duration_ms' | 'first_byte_ms' | 'success' | 'status'>;

/**
 * Where the time went. Attempts follow one another and end with the request; what is left before them the gateway took:
 * it checked, chose and waited. Attempts that together took longer than the request ran side by side: each then ends
 * with it. Those who may not see attempts see the time until the first byte and that of the answer.
 */
export function waterfallOf(row: Timed): Stretch[] {
  const total = row.duration_ms;
  if (row.attempts.length === 0) return withoutAttempts(row);
  const lengths = row.attempts.map(({ duration_ms }) => Math.min(duration_ms, total));
  const asked = lengths.reduce((sum, length) => sum + length, 0);
  const own = Math.max(0, total - asked);
  const stretches: Stretch[] = own > 0 ? [{ kind: 'gateway', from: 0, to: own }] : [];
  let at = own;
  for (const [attempt, length] of lengths.entries()) {
    const from = asked > total ? total - length : at;
    stretches.push({ kind: 'attempt', attempt, from, to: from + length });
    at += length;
  }
  return stretches;
}

function withoutAttempts({ first_byte_ms: firstByte, duration_ms: total }: Timed): Stretch[] {
  if (firstByte === null || firstByte >= total) return [{ kind: 'gateway', from: 0, to: total }];
  return [
    { kind: 'gateway', from: 0, to: firstByte },
    { kind: 'answer', from: firstByte, to: total },
  ];
}

/** Output tokens a second while the answer was being written; null where that cannot be told. */
export function tokensPerSecond(row: Pick<UsageLogRow, 'first_byte_ms' | 'duration_ms' | 'output_tokens' | 'stream'>) {
  const { first_byte_ms: firstByte, duration_ms: total, output_tokens: tokens } = row;
  if (!row.stream || firstByte === null || tokens === 0 || total - firstByte < 50) return null;
  return (tokens / (total - firstByte)) * 1000;
}
