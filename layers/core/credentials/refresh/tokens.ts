import type { SealedValue } from '../store.ts';

/*
 * The tokens of OAuth credentials, in rows of their own: an operator who edits a credential never writes back a token
 * that was rotated meanwhile. `layers/aws/tables/tokens.ts` implements the store.
 */

/** Which row: that of a credential. */
export interface TokenKey {
  upstream: string;
  credentialId: string;
}

export interface TokenRow extends TokenKey, TokenState {}

/** Everything in a row that changes; null = not there. */
export interface TokenState {
  /** Rises by one whenever an answer is saved or the operator replaces the token. */
  rotation: number;
  refreshToken: SealedValue | null;
  /** The one before. */
  lastRefreshToken: SealedValue | null;
  accessToken: SealedValue | null;
  /** Names the access token without telling it. */
  accessDigest: string | null;
  /** Epoch milliseconds, as all instants here; null = unknown. */
  accessExpiresAt: number | null;
  /** When an attempt was last made because somebody was refused with the access token. */
  rejectedAt: number | null;
  /** When the last answer was saved. */
  refreshedAt: number | null;
  /** The attempt that is under way, or whose outcome nobody knows. Nobody else begins while it stands here. */
  intent: string | null;
  /** Who made the attempt, and until when it is expected to tell its outcome. */
  lease: { owner: string; until: number } | null;
  /** The attempt may have used up the refresh token: no further refresh until somebody knows better. */
  ambiguous: { attempt: string; at: number; reason: string } | null;
  /** The attempt was made although the outcome of another one at this rotation is not known. */
  isRepeated: boolean;
  /** The server refused the refresh token for good (`invalid_grant`); only another one lifts it. */
  invalid: { attempt: string; at: number; reason: string } | null;
  backOff: { until: number; failures: number } | null;
  /** The attempts whose answers were saved last, newest first. */
  savedBy: readonly string[];
  lastResult: { at: number; outcome: string; text: string } | null;
  /** When the sweep looks at the row by itself; null = never. */
  dueAt: number | null;
  /** Since when the row has not been refreshed, for sweeps of all that are older; null = they pass it by. */
  staleSince: number | null;
}

/** A change that is made as a whole while every named field stands as said, or not at all. */
export interface TokenWrite {
  /** Null: the field is not there. */
  when: Partial<Pick<TokenState, 'rotation' | 'intent'>> & { invalid?: null };
  set: Partial<TokenState>;
}

export type TokenWriteOutcome =
  | { written: true }
  /** The row as it stands; null: it is gone. */
  | { written: false; row: TokenRow | null };

/** Tokens that could not go where they belong. */
export interface AsideTokens extends TokenKey {
  attempt: string;
  /** Of the refresh token that they were given for. */
  rotation: number;
  at: number;
  why: 'superseded' | 'unsaved';
  grant: SealedGrant;
}

/** What a server granted, sealed. */
export interface SealedGrant {
  accessToken: SealedValue | null;
  accessDigest: string | null;
  accessExpiresAt: number | null;
  /** Null where the server does not rotate: the old one stays good (RFC 6749 §6). */
  refreshToken: SealedValue | null;
  /** `refreshTokenDigest` of it. */
  refreshDigest?: string | null | undefined;
}

export interface TokenStore {
  /** Strongly consistent. */
  find(key: TokenKey): Promise<TokenRow | null>;
  /** Strongly consistent, in no order; those that are gone are left out. */
  findMany(keys: readonly TokenKey[]): Promise<TokenRow[]>;
  /** All of an upstream, strongly consistent. */
  list(upstream: string): Promise<TokenRow[]>;
  /** Throws when the store failed; the write may have been made then. */
  write(key: TokenKey, write: TokenWrite): Promise<TokenWriteOutcome>;
  putAside(tokens: AsideTokens): Promise<void>;
  /** Of a credential, oldest first. */
  listAside(key: TokenKey): Promise<AsideTokens[]>;
  removeAside(tokens: AsideTokens): Promise<void>;
  /** Notes whose a refresh token is that came by rotation, so that it is not taken for another credential's. */
  noteMark(key: TokenKey, mark: string, now: number): Promise<void>;
}

/** Finds what a sweep has to look at, reading nothing else. */
export interface DueTokens {
  /**
   * Rows of enabled credentials that are due at `until`, first due first; or that were last refreshed before it, oldest
   * first. Rows that leave the list while it is read shift nothing.
   */
  listDue(input: {
    upstream: string;
    by: 'due' | 'stale';
    until: number;
    limit: number;
    /** Where the page before ended. */
    after: DueCursor | null;
  }): Promise<DuePage>;
}

export interface DuePage {
  keys: TokenKey[];
  /** Null: nothing follows. */
  after: DueCursor | null;
}

/** A place in a list, for its store only. */
export type DueCursor = Readonly<Record<string, string | number>>;

/** A row whose refresh token an operator just gave. Due at once. */
export function newTokenState(refreshToken: SealedValue | null): TokenState {
  return {
    rotation: 1,
    refreshToken,
    lastRefreshToken: null,
    accessToken: null,
    accessDigest: null,
    accessExpiresAt: null,
    rejectedAt: null,
    refreshedAt: null,
    intent: null,
    lease: null,
    ambiguous: null,
    isRepeated: false,
    invalid: null,
    backOff: null,
    savedBy: [],
    lastResult: null,
    dueAt: 0,
    staleSince: 0,
  };
}
