import { isDeepStrictEqual } from 'node:util';

/** A list of guarantees that a run holds up, one line each. */
export interface Checks {
  /** Runs one; a failure is written down and the next one goes on. */
  that(guarantee: string, prove: () => Promise<void>): Promise<void>;
  /** How many failed. */
  failures(): number;
}

/** A proof waits for what must happen, so it fails by waiting in vain. */
const DEADLINE_MS = 30_000;

export function createChecks(say: (line: string) => void): Checks {
  let failed = 0;
  return {
    failures: () => failed,
    async that(guarantee, prove) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`nothing within ${DEADLINE_MS} ms`)), DEADLINE_MS);
      try {
        await Promise.race([prove(), late.promise]);
        say(`  ok    ${guarantee}`);
      } catch (error) {
        failed += 1;
        say(`  FAIL  ${guarantee}\n        ${(error instanceof Error ? error.message : String(error)).slice(0, 2000)}`);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

export function same(found: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(found)} and not ${JSON.stringify(expected)}`);
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}
