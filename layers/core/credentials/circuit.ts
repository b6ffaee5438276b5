import type { Rest } from './cooldown.ts';
import { concerns } from './display-state.ts';
import type { PoolMark, PoolState, PoolSubject, ProbeLease } from './pool-state.ts';
import { badnessOf, type Health } from './select.ts';

/* How a state follows from another. Pure: who writes them, and what happens when two do, is the pool's business. */

/** A longer word of the upstream is written down only when it is longer by this much: not one write a request. */
const LEAST_EXTENSION_MS = 5_000;

export interface RestFacts {
  subject: PoolSubject;
  secretDigest: string;
  rest: Rest;
  /** Request id of the call that failed. */
  who: string;
  now: number;
}

/** The state after a failure that counts; null when the stored one says it already. */
export function restAfter(
  known: PoolState | null,
  { subject, secretDigest, rest, who, now }: RestFacts,
): PoolState | null {
  const { reason, until, ownWord } = rest;
  const version = (known?.version ?? 0) + 1;
  const fresh: PoolState = {
    upstream: subject.upstream,
    credentialId: subject.credentialId,
    model: subject.model,
    reason,
    failures: 1,
    since: now,
    until,
    ownWord,
    secretDigest,
    probe: null,
    version,
  };
  if (known === null || !concerns(known, secretDigest)) return fresh;
  if (known.probe?.holder === who) return { ...fresh, failures: known.failures + 1 };
  // Of many calls that were under way together the first began this rest; the others are the same event.
  if (!ownWord || until < known.until + LEAST_EXTENSION_MS) return null;
  return { ...known, reason, until, ownWord, version };
}

export function claimed(known: PoolState, probe: ProbeLease): PoolState {
  return { ...known, probe, version: known.version + 1 };
}

export function released(known: PoolState): PoolState {
  return { ...known, probe: null, version: known.version + 1 };
}

export function recovered(known: PoolState): PoolState {
  return { ...known, failures: 0, probe: null, version: known.version + 1 };
}

/** The health of a candidate by the states that concern it: the worst of them counts. */
export function healthBy(states: readonly PoolState[], now: number): Health {
  let worst: Health = { kind: 'ready' };
  for (const state of states) {
    const health = healthOfState(state, now);
    if (isWorse(health, worst)) worst = health;
  }
  return worst;
}

function healthOfState({ until, probe, reason, ownWord }: PoolState, now: number): Health {
  if (until > now) return { kind: 'resting', until, reason, ownWord };
  if (probe !== null && probe.until > now) return { kind: 'resting', until: probe.until, reason, ownWord: false };
  return { kind: 'half-open' };
}

const ORDER = { ready: 0, 'half-open': 1, resting: 2 } as const;

function isWorse(left: Health, right: Health): boolean {
  if (left.kind !== 'resting' || right.kind !== 'resting') return ORDER[left.kind] > ORDER[right.kind];
  return badnessOf(left) - badnessOf(right) > 0 || (badnessOf(left) === badnessOf(right) && left.until > right.until);
}

/** What the log and the operator call a state. */
export function markOf(state: PoolState | null, now: number): PoolMark {
  if (state === null || state.failures === 0) return 'active';
  return state.probe !== null && state.probe.until > now ? 'probing' : 'resting';
}
