import { rendezvousDraw } from './affinity.ts';
import type { RestReason } from './pool-state.ts';

/** What selection weighs of one candidate: a route's model at an upstream under one credential. */
export interface Standing {
  upstream: string;
  /** The upstream's own name of the model; with the upstream it names the route. */
  model: string;
  credentialId: string;
  /** Before all else, where the caller prefers some credentials to others: lower is tried first. */
  turn?: number | undefined;
  /** Lower is tried first. */
  routePriority: number;
  routeWeight: number;
  tier: 'basic' | 'super';
  /** Lower is tried first. */
  priority: number;
  weight: number;
}

export type Health =
  | { kind: 'ready' }
  /** Its rest is over and nobody tries it: the next request may, alone. */
  | { kind: 'half-open' }
  /** Its rest is not over, or somebody else tries it. */
  | { kind: 'resting'; until: number; ownWord: boolean; reason: RestReason };

export interface Choice<Candidate> {
  candidate: Candidate;
  /** `forced`: it rests, and there is nothing better. */
  mode: 'ready' | 'probe' | 'forced';
  /** How much speaks against it; 0 = nothing that the upstream said. */
  badness: number;
}

/**
 * Candidates in the order in which they are asked: those that the caller prefers; then the route's priority, then a draw by its weight; within a route
 * basic before super, then the credential's priority, then a draw by weight. Draws come from the seed, so a
 * conversation meets the same credential again, and one that joins or leaves moves only its own share.
 */
export function rank<Candidate extends Standing>(candidates: readonly Candidate[], seed: number): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  return candidates
    .map((candidate) => ({
      candidate,
      routeDraw: rendezvousDraw(seed, `${candidate.upstream}\n${candidate.model}`, candidate.routeWeight),
      draw: rendezvousDraw(seed, candidate.credentialId, candidate.weight),
    }))
    .toSorted(
      (left, right) =>
        (left.candidate.turn ?? 0) - (right.candidate.turn ?? 0) ||
        left.candidate.routePriority - right.candidate.routePriority ||
        compare(left.routeDraw, right.routeDraw) ||
        tierOf(left.candidate) - tierOf(right.candidate) ||
        left.candidate.priority - right.candidate.priority ||
        compare(left.draw, right.draw),
    )
    .map(({ candidate }) => candidate);
}

function tierOf({ tier }: Standing): number {
  return tier === 'basic' ? 0 : 1;
}

/** Subtraction would make NaN of two infinities. */
function compare(left: number, right: number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * The next candidate of a ranked list: the first that is well or may be probed; where all rest, the least bad.
 * Null when the list is empty, or when nothing is left but what the upstream itself said no to, in ways that this
 * request has tried already.
 * @param tried badness of the refusing ones that were asked; once is enough
 */
export function pickNext<Candidate>(
  ranked: readonly Candidate[],
  healthOf: (candidate: Candidate) => Health,
  tried: ReadonlySet<number>,
): Choice<Candidate> | null {
  let least: { candidate: Candidate; badness: number; until: number } | null = null;
  for (const candidate of ranked) {
    const health = healthOf(candidate);
    if (health.kind === 'ready') return { candidate, mode: 'ready', badness: 0 };
    if (health.kind === 'half-open') return { candidate, mode: 'probe', badness: 0 };
    const badness = badnessOf(health);
    const { until } = health;
    if (tried.has(badness)) continue;
    if (least === null || badness < least.badness || (badness === least.badness && until < least.until)) {
      least = { candidate, badness, until };
    }
  }
  return least && { candidate: least.candidate, mode: 'forced', badness: least.badness };
}

/** 0 = only our own guess keeps it resting; more = the upstream itself said no. */
export function badnessOf({ reason, ownWord }: { reason: RestReason; ownWord: boolean }): number {
  if (reason === 'credential_invalid') return 3;
  if (reason === 'quota_exhausted' || reason === 'payment_required') return 2;
  return ownWord ? 1 : 0;
}
