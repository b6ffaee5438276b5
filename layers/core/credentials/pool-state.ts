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

/** What a state is about: a credential, for one upstream model or for `ALL_MODELS`. */
export interface PoolSubject {
  upstream: string;
  credentialId: string;
  /** The upstream's own name of the model, or `ALL_MODELS`. */
  model: string;
}

/** A pair that rests, or that rested and is not proven again; with `failures` 0 it is healthy again. */
export interface PoolState extends PoolSubject {
  reason: RestReason;
  /** Rests in a row without a success between them; the back-off grows with it. 0 = healthy. */
  failures: number;
  /** When this rest began, milliseconds since the epoch. */
  since: number;
  /** It is left alone until then; afterwards one request at a time may try it. */
  until: number;
  /** `until` is what the upstream itself said. */
  ownWord: boolean;
  /** Digest of the secret that failed: a replaced secret is not held to what the old one did. */
  secretDigest: string;
  /** The one request that tries it after its rest; void once its own `until` is over. */
  probe: ProbeLease | null;
  /** Rises by one with every write; 0 = never written. */
  version: number;
}

export interface ProbeLease {
  /** Request id. */
  holder: string;
  until: number;
}

export const POOL_MARKS = ['active', 'resting', 'probing', 'disabled', 'invalid', 'ambiguous', 'deleted'] as const;
export type PoolMark = (typeof POOL_MARKS)[number];

export const CHANGE_SOURCES = ['relay', 'operator', 'owner', 'refresh', 'check'] as const;
export type ChangeSource = (typeof CHANGE_SOURCES)[number];

/** A row of the log of operations. */
export interface PoolChange extends PoolSubject {
  at: number;
  /** What caused it; absent in rows of older versions: the relay or an operator. */
  by?: ChangeSource | undefined;
  /** Id of the request, refresh attempt or check that met it, or the name of the user. */
  who: string;
  from: PoolMark;
  to: PoolMark;
  reason: string;
  /** End of the rest; null where it does not rest. */
  until: number | null;
}

export interface PoolStateStore {
  /** States of all credentials of an upstream, healthy ones too. */
  listStates(upstream: string): Promise<PoolState[]>;
  /**
   * Writes the state if the stored one is of the version before it (`state.version - 1`; 0 = none is stored).
   * Of several writers of one version exactly one succeeds; the others are given what stands there.
   */
  writeState(state: PoolState): Promise<{ written: true } | { written: false; current: PoolState | null }>;
  /** Of one credential, healthy ones too. */
  listStatesOf(upstream: string, credentialId: string): Promise<PoolState[]>;
  /** Of these pairs, in no order. */
  findStates(subjects: readonly PoolSubject[]): Promise<PoolState[]>;
  /** Rows stay for `CHANGE_LIFE_MS`. */
  appendChange(change: PoolChange): Promise<void>;
  /** Newest first. */
  listChanges(
    upstream: string,
    credentialId: string,
    page: { limit: number; cursor: string | null; nowMs: number },
  ): Promise<{ changes: PoolChange[]; nextCursor: string | null }>;
}

export const CHANGE_LIFE_MS = 30 * 86_400_000;
