/** What the pool remembers of credentials that failed. `layers/aws/tables/pool-state.ts` implements the store. */

export const REST_REASONS = [
  'rate_limited',
  'quota_exhausted',
  'payment_required',
  'credential_invalid',
  'overloaded',
  'unreachable',
  'broken',
  'timed_out',
] as const;
export type RestReason = (typeof REST_REASONS)[number];

/** Scope of a state that concerns all models of a credential. */
export const ALL_MODELS = '*';

/** Which state: of a credential, for one upstream model or for `ALL_MODELS`. */
export interface PoolSubject {
  upstream: string;
  credentialId: string;
  /** The upstream's own name of the model, or `ALL_MODELS`. */
  model: string;
}

/** A (credential, model) pair that rests, or that rested and is not proven again. A healthy pair has no state. */
export interface PoolState extends PoolSubject {
  reason: RestReason;
  /** Rests in a row without a success between them; the back-off grows with it. */
  failures: number;
  /** When this rest began, milliseconds since the epoch. */
  since: number;
  /** It is left alone until then; afterwards one request at a time may try it. */
  until: number;
  /** `until` is what the upstream itself said. */
  ownWord: boolean;
  /** Digest of the secret that failed: a replaced secret is not held to what the old one did. */
  secretDigest: string;
  /** The one request that tries it after its rest; ignored once `until` is over. */
  probe: ProbeLease | null;
  /** Rises with every write. */
  version: number;
}

export interface ProbeLease {
  /** Request id. */
  holder: string;
  until: number;
}

/** A row of the state-change log. */
export interface PoolChange extends PoolSubject {
  at: number;
  /** Id of the request that saw it, or the operator's name. */
  who: string;
  from: PoolMark;
  to: PoolMark;
  /** Why, in the words of `RestReason`, and for operators what they did. */
  reason: string;
  /** Upstream's status; 0 = none. */
  status: number;
  /** End of the rest; null where it does not rest. */
  until: number | null;
}

export const POOL_MARKS = ['active', 'resting', 'probing', 'disabled'] as const;
export type PoolMark = (typeof POOL_MARKS)[number];

/** `current` is the stored state after the call; null = healthy. */
export type PoolOutcome = { written: boolean; current: PoolState | null };

export interface PoolStateStore {
  /** States of all credentials of an upstream. */
  listStates(upstream: string): Promise<PoolState[]>;
  /**
   * Writes the state as version `seen + 1` if the stored one is still of version `seen` (0 = none is stored or it was
   * cleared); otherwise nothing is written and the stored one is given.
   */
  writeState(state: PoolState, seen: number): Promise<PoolOutcome>;
  /** The pair is healthy again, whatever stands there, unless a rest that began after `notAfter` does. */
  clearState(subject: PoolSubject, notAfter: number): Promise<PoolOutcome>;
  /** Takes the probe if its rest is over and nobody holds it. Exactly one of several callers gets it. */
  claimProbe(subject: PoolSubject, lease: ProbeLease, now: number): Promise<PoolOutcome>;
  /** Gives the probe back without a verdict. */
  releaseProbe(subject: PoolSubject, holder: string): Promise<void>;
  /** Rows stay 30 days. */
  appendChange(change: PoolChange): Promise<void>;
  /** Newest first. */
  listChanges(upstream: string, credentialId: string, limit: number): Promise<PoolChange[]>;
}
