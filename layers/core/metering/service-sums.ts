import { isSuccess } from './outcome.ts';
import type { UsageClosing, UsageEvent } from './store.ts';

/*
 * How a request was served, beside what it used: kept in the roll-ups of everything, and call by call in those of each
 * credential. Nobody is charged by these figures, so that they are no part of what is compared between a roll-up and
 * its events.
 */

export interface ServiceSums {
  /** Requests that failed and not by their client's fault. */
  faults: number;
  /** Sum of the times to the first byte, over `firstBytes` requests that got one. */
  firstByteMs: number;
  firstBytes: number;
  /** Requests by how long they lasted; the bounds are `LATENCY_BOUNDS_MS`. */
  durationCounts: number[];
  /** Requests by the time to their first byte. */
  firstByteCounts: number[];
}

/** Upper bounds of the buckets, inclusive; one more bucket takes what is above. Never changed: stored counts follow them. */
export const LATENCY_BOUNDS_MS = [
  100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
] as const;
export const LATENCY_BUCKETS = LATENCY_BOUNDS_MS.length + 1;

/** What one event says about the service; null while it is open, and where the request was not let in. */
export function serviceOfEvent(event: UsageEvent): ServiceSums | null {
  const { closing } = event;
  if (!closing || isRefusal(closing)) return null;
  const { firstByteMs } = closing;
  return {
    faults: isFault(event) ? 1 : 0,
    firstByteMs: firstByteMs ?? 0,
    firstBytes: firstByteMs === null ? 0 : 1,
    durationCounts: countOne(closing.durationMs),
    firstByteCounts: firstByteMs === null ? [] : countOne(firstByteMs),
  };
}

/** How each call to a credential went; a member's name is as in the roll-ups. */
export function serviceOfAttempts({ closing }: UsageEvent): { member: string; service: ServiceSums }[] {
  return (closing?.attempts ?? []).map(({ upstream, credential, status, error, durationMs }) => {
    const firstByteMs = error === null ? (closing?.firstByteMs ?? null) : null;
    return {
      member: `${upstream}/${credential}`,
      service: {
        faults: error !== null && isFaultOfUpstream(status) ? 1 : 0,
        firstByteMs: firstByteMs ?? 0,
        firstBytes: firstByteMs === null ? 0 : 1,
        durationCounts: countOne(durationMs),
        firstByteCounts: firstByteMs === null ? [] : countOne(firstByteMs),
      },
    };
  });
}

/** The sum, as a value of its own; the lists are as long as the longer one. */
export function sumService(left: ServiceSums | undefined, right: ServiceSums | undefined): ServiceSums | undefined {
  if (!left || !right) return left ?? right;
  return {
    faults: left.faults + right.faults,
    firstByteMs: left.firstByteMs + right.firstByteMs,
    firstBytes: left.firstBytes + right.firstBytes,
    durationCounts: sumCounts(left.durationCounts, right.durationCounts),
    firstByteCounts: sumCounts(left.firstByteCounts, right.firstByteCounts),
  };
}

/**
 * The value that a share of the requests stays at or below, read from buckets: straight between a bucket's bounds. Null
 * when nothing was counted; of the open last bucket its lower bound is all that is known.
 * @param share 0.95 for p95
 */
export function quantile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = share * total;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    const lower = LATENCY_BOUNDS_MS[index - 1] ?? 0;
    const upper = LATENCY_BOUNDS_MS[index] ?? lower;
    if (count > 0 && below + count >= wanted) return Math.round(lower + ((wanted - below) / count) * (upper - lower));
    below += count;
  }
  return null;
}

/** No upstream was asked, and it was no failure: a limit, or a client that left. */
function isRefusal({ source, attempts, status }: UsageClosing): boolean {
  return source === 'void' && attempts.length === 0 && status < 500;
}

/** A stream that broke under a 200 counts, a client that left or asked for what cannot be does not. */
function isFault(event: UsageEvent): boolean {
  if (isSuccess(event)) return false;
  const status = event.closing?.status ?? 0;
  return status < 400 || status >= 500 || status === 429;
}

const ABOUT_THE_CREDENTIAL: ReadonlySet<number> = new Set([401, 402, 403, 408, 429]);

/** What the client's own request is refused for says nothing of the upstream. */
function isFaultOfUpstream(status: number): boolean {
  return status < 400 || status >= 500 || ABOUT_THE_CREDENTIAL.has(status);
}

function countOne(ms: number): number[] {
  const found = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
  const index = found === -1 ? LATENCY_BUCKETS - 1 : found;
  return [...Array<number>(index).fill(0), 1];
}

function sumCounts(left: readonly number[], right: readonly number[]): number[] {
  const [longer, shorter] = left.length >= right.length ? [left, right] : [right, left];
  return longer.map((count, index) => count + (shorter[index] ?? 0));
}
