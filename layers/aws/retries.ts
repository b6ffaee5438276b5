import { setTimeout as sleepFor } from 'node:timers/promises';
import { isAwsError } from './aws-error.ts';

export interface RetryPolicy {
  /** Sendings in all. Default 4. */
  attempts?: number | undefined;
  /** Longest wait before the first repetition, doubled for each further one, in milliseconds. Default 25. */
  firstDelayMs?: number | undefined;
  /** When so long has passed since the first sending, a reading is not sent again; in milliseconds. Default: never. */
  readsWithinMs?: number | undefined;
  sleep?: ((ms: number) => Promise<unknown>) | undefined;
  /** 0 ≤ x < 1. */
  random?: (() => number) | undefined;
}

const LONGEST_DELAY_MS = 1_000;

/** Where somebody waits for the answer: a store that hangs is told after one time-out, not after four. */
export const REQUEST_PATH_RETRIES: RetryPolicy = { readsWithinMs: 2_500 };

/**
 * Sends again where that is safe: what was not sent or not applied always, a lost answer only when the call is
 * repeatable. Waits with full jitter. The last error is thrown, marked `resent` when an answer was lost on the way.
 */
export async function withRetries<Result>(
  call: { send: () => Promise<Result>; repeatable: boolean; isRead?: boolean },
  policy: RetryPolicy = {},
): Promise<Result> {
  const { attempts = 4, firstDelayMs = 25, sleep = sleepFor, random = Math.random } = policy;
  const startedAt = performance.now();
  const lastBegin = startedAt + (call.isRead ? (policy.readsWithinMs ?? Infinity) : Infinity);
  let resent = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call.send();
    } catch (error) {
      if (!isAwsError(error)) throw error;
      error.resent = resent;
      const again = error.kind === 'lost' ? call.repeatable : error.kind !== 'refused';
      if (!again || attempt >= attempts || performance.now() > lastBegin) throw error;
      resent ||= error.kind === 'lost';
      await sleep(random() * Math.min(LONGEST_DELAY_MS, firstDelayMs * 2 ** (attempt - 1)));
    }
  }
}
