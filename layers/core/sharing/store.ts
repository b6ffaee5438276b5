/**
 * Credentials that belong to users, and what sharing them earns (contracts.md §5.3-5.5, docs/decisions/0031).
 * `layers/aws/tables/quota-pools.ts` and `owned-credentials.ts` implement the stores.
 */

/** Ten-thousandths: four decimals as whole numbers, so that no sum is ever off. */
export type Units = number;
export const UNITS_PER_ONE = 10_000;

/** Whose a credential is, beside the credential itself, which operators keep. */
export interface OwnedCredential {
  upstream: string;
  credentialId: string;
  ownerId: string;
  /** What the owner calls it. */
  name: string;
  sharing: 'shared' | 'exclusive';
  /** By the owner; what the operator says is the credential's `enabled`, and what the upstream says is its health. */
  enabled: boolean;
  /** Public names of models that the owner does not lend it for, nor uses it for. */
  modelsOff: string[];
  /** On its way out: it is used by nobody, and whoever finds it so may finish. */
  removing: boolean;
  /** Public names of the models whose pools count it now. Empty while it is not shared, or out of use. */
  counted: string[];
  /** Rises by one with every change. */
  revision: number;
  createdAt: number;
  updatedAt: number;
}

/** A user's standing with the pool: made when it is first asked for. */
export interface PoolAccount {
  userId: string;
  /** Which class of credentials is asked first. */
  preferShared: boolean;
  /** By public model name. May be below zero. */
  quotas: Readonly<Record<string, Units>>;
  /** By public model name: how many of the user's shared credentials count. */
  shared: Readonly<Record<string, number>>;
  /** By public model name: what credentials that left should have taken with them, and was used up. Positive. */
  owed: Readonly<Record<string, Units>>;
  /** Hours since the epoch, up to which recovery has been given. */
  recoveredHour: number;
  /** Of everything but deductions, which need no order among themselves. */
  revision: number;
  uses: UseTotals;
  createdAt: number;
}

export interface UseTotals {
  sharedRequests: number;
  sharedConsumed: Units;
  privateRequests: number;
  privateConsumed: Units;
}

/** What is added to a pool account, on the ground of its revision. */
export interface PoolChange {
  userId: string;
  /** Revision that it was computed from. */
  revision: number;
  recoveredHour: number;
  /** Differences, so that deductions in between are kept. */
  quotas: Readonly<Record<string, Units>>;
  /** Those of them that the account has no quota of yet. */
  fresh: readonly string[];
  /** New counts. */
  shared: Readonly<Record<string, number>>;
  /** All that is owed from now on, where that changes. */
  owed?: Readonly<Record<string, Units>> | undefined;
}

/** One call that was served by a credential of a user. */
export interface PoolUse {
  userId: string;
  /** The same request is logged, and deducted, once. */
  requestId: string;
  at: number;
  /** Public name. */
  model: string;
  upstream: string;
  credentialId: string;
  isShared: boolean;
  /** What remained of the credential, of one. */
  quotaBefore: Units;
  quotaAfter: Units;
  consumed: Units;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** A use that is to be logged, and the models that it is deducted from. */
export interface OwedUse {
  use: PoolUse;
  models: readonly string[];
}

export interface OwnedCredentialStore {
  find(upstream: string, credentialId: string): Promise<OwnedCredential | null>;
  /** Those that are users', in no order. */
  findMany(places: readonly Pick<OwnedCredential, 'upstream' | 'credentialId'>[]): Promise<OwnedCredential[]>;
  listOfOwner(ownerId: string): Promise<OwnedCredential[]>;
  listOfUpstream(upstream: string): Promise<OwnedCredential[]>;
  create(owned: OwnedCredential): Promise<'created' | 'exists'>;
  /**
   * Writes it in the place of the revision before, and moves quota in the same transaction. Where it answers
   * `credential-moved` or `pool-moved` nothing changed, or a lost answer of this very call changed it: read again.
   * @throws when the answer is not known
   */
  move(owned: OwnedCredential, pool: PoolChange | null): Promise<'moved' | 'credential-moved' | 'pool-moved'>;
  /** Only one that counts nowhere. */
  delete(owned: OwnedCredential): Promise<boolean>;
}

export interface QuotaPoolStore {
  find(userId: string): Promise<PoolAccount | null>;
  /** Makes it where there is none, and changes nothing that is there. Repeated freely. */
  ensure(userId: string, nowMs: number): Promise<PoolAccount>;
  prefer(userId: string, preferShared: boolean): Promise<PoolAccount | null>;
  /** False: the account is of another revision by now. */
  change(change: PoolChange): Promise<boolean>;
  /**
   * Logs the use, and deducts it from all of `models` where it was of a shared credential; once by request id.
   * Repeated freely.
   * @returns `known` when it was logged before, `no-account` when there is nothing to deduct from
   */
  use(use: PoolUse, models: readonly string[]): Promise<'logged' | 'known' | 'no-account'>;
  /** It is in the log. */
  hasUse(userId: string, requestId: string): Promise<boolean>;
  /** Newest first. */
  listUses(
    userId: string,
    page: { limit: number; cursor: string | null; from: number | null; until: number | null; nowMs: number },
  ): Promise<{ uses: PoolUse[]; nextCursor: string | null }>;
}
