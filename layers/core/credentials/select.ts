import { rendezvousDraw } from './affinity.ts';
import type { RestReason } from './pool-state.ts';
import { isSamePlace, type WarmPlace } from './warm-places.ts';

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

/** What more is known of a conversation. */
export interface RankHints<Candidate> {
  /** Where its prompt is kept, if that can be asked now. */
  warm?: WarmPlace | null | undefined;
  /** What the request will probably cost by the candidate's route; null where cost decides nothing. */
  costOf?: ((candidate: Candidate) => number) | null | undefined;
}

/**
 * Candidates in the order in which they are asked: those that the caller prefers; then the route's priority, then the
 * cheapest route where prices differ, then the one that keeps the conversation's prompt, then a draw by the route's
 * weight; within a route basic before super, then the credential's priority, then the one that keeps the prompt, then
 * a draw by weight. Draws come from the seed, so a conversation meets the same credential again, and one that joins or
 * leaves moves only its own share. What has weight 0 comes after all others, whatever it costs.
 */
export function rank<Candidate extends Standing>(
  candidates: readonly Candidate[],
  seed: number,
  { warm = null, costOf = null }: RankHints<Candidate> = {},
): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  return candidates
    .map((candidate) => ({
      candidate,
      isIdle: candidate.routeWeight > 0 ? 0 : 1,
      cost: costOf === null ? 0 : costOf(candidate),
      routeIsCold: warm !== null && warm.upstream === candidate.upstream && warm.model === candidate.model ? 0 : 1,
      isCold: warm !== null && candidate.weight > 0 && isSamePlace(warm, candidate) ? 0 : 1,
      routeDraw: rendezvousDraw(seed, `${candidate.upstream}\n${candidate.model}`, candidate.routeWeight),
      draw: rendezvousDraw(seed, candidate.credentialId, candidate.weight),
    }))
    .toSorted(
      (left, right) =>
        (left.candidate.turn ?? 0) - (right.candidate.turn ?? 0) ||
        left.candidate.routePriority - right.candidate.routePriority ||
        left.isIdle - right.isIdle ||
        left.cost - right.cost ||
        left.routeIsCold - right.routeIsCold ||
        compare(left.routeDraw, right.routeDraw) ||
        tierOf(left.candidate) - tierOf(right.candidate) ||
        left.candidate.priority - right.candidate.priority ||
        left.isCold - right.isCold ||
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
