import type { GivenAccess, SealedValue } from '../store.ts';
import { refreshDueAt } from './due.ts';
import {
  newTokenState,
  type AsideTokens,
  type SealedGrant,
  type TokenKey,
  type TokenRow,
  type TokenState,
  type TokenWrite,
} from './tokens.ts';

/*
 * Every write of a refresh, as data: under which condition, and what it sets. These conditions carry the promises of
 * docs/decisions/0030; test/faults/refresh breaks them one by one.
 */

/** Enough for whoever asks late whether its own saving went through. */
const MOST_SAVED_BY = 5;

interface Attempt {
  id: string;
  owner: string;
  now: number;
  leaseMs: number;
  /** Somebody was refused with the access token of the row before its time was over. */
  isForRejected: boolean;
}

/** Whoever makes this write may exchange the refresh token of the row that it read. */
export function beginWrite(row: TokenRow, attempt: Attempt, mayRetryInvalid: boolean): TokenWrite {
  return {
    when: {
      rotation: row.rotation,
      intent: null,
      ...(mayRetryInvalid ? {} : { invalid: null }),
    },
    set: { ...underWay(attempt), isRepeated: false },
  };
}

/** An attempt of unknown outcome is made once more: by an operator's word, or for a server that is known to allow it. */
export function takeOverWrite(row: TokenRow, attempt: Attempt): TokenWrite {
  return {
    when: { rotation: row.rotation, intent: row.intent },
    set: { ...underWay(attempt), ambiguous: null, isRepeated: true },
  };
}

function underWay({ id, owner, now, leaseMs, isForRejected }: Attempt): Partial<TokenState> {
  const until = now + leaseMs;
  return {
    ...(isForRejected ? { rejectedAt: now } : {}),
    intent: id,
    lease: { owner, until },
    // A sweep comes by when the attempt should be over, whatever became of whoever made it.
    dueAt: until,
    staleSince: null,
  };
}

/** The answer is saved under its rotation only, not under the lease: one that comes late is saved, too. */
export function saveWrite(
  row: TokenRow,
  grant: SealedGrant,
  facts: { attempt: string; now: number; text: string },
): TokenWrite {
  const { attempt, now, text } = facts;
  const kept = { accessToken: row.accessToken, accessDigest: row.accessDigest, accessExpiresAt: row.accessExpiresAt };
  const access =
    grant.accessToken === null
      ? kept
      : {
          accessToken: grant.accessToken,
          accessDigest: grant.accessDigest,
          accessExpiresAt: grant.accessExpiresAt,
        };
  return {
    when: { rotation: row.rotation },
    set: {
      ...SETTLED,
      ...access,
      rotation: row.rotation + 1,
      refreshToken: grant.refreshToken ?? row.refreshToken,
      lastRefreshToken: grant.refreshToken === null ? row.lastRefreshToken : row.refreshToken,
      refreshedAt: now,
      savedBy: [attempt, ...row.savedBy].slice(0, MOST_SAVED_BY),
      lastResult: { at: now, outcome: 'refreshed', text },
      dueAt: refreshDueAt({ ...row, rotation: row.rotation + 1, obtainedAt: now, expiresAt: access.accessExpiresAt }),
      staleSince: now,
    },
  };
}

/** The refresh token is known to be unused: the next one may try. By attempt, so that nobody else's is undone. */
export function clearWrite(facts: {
  attempt: string;
  now: number;
  outcome: string;
  text: string;
  backOff: NonNullable<TokenState['backOff']>;
}): TokenWrite {
  const { attempt, now, outcome, text, backOff } = facts;
  return {
    when: { intent: attempt },
    set: { ...SETTLED, backOff, lastResult: { at: now, outcome, text }, dueAt: backOff.until, staleSince: null },
  };
}

/** The server refuses this refresh token. What was last known of it stays. */
export function invalidWrite(row: TokenRow, facts: { attempt: string; now: number; reason: string }): TokenWrite {
  const { attempt, now, reason } = facts;
  return {
    when: { rotation: row.rotation, intent: attempt },
    set: {
      ...SETTLED,
      invalid: { attempt, at: now, reason },
      lastResult: { at: now, outcome: 'invalid', text: reason },
      dueAt: null,
      staleSince: null,
    },
  };
}

/** Nobody knows whether the refresh token was used up. The intent stays, so nobody begins. */
export function ambiguousWrite(facts: { attempt: string; now: number; reason: string }): TokenWrite {
  const { attempt, now, reason } = facts;
  return {
    when: { intent: attempt },
    set: {
      ambiguous: { attempt, at: now, reason },
      lease: null,
      lastResult: { at: now, outcome: 'ambiguous', text: reason },
      dueAt: null,
      staleSince: null,
    },
  };
}

/** An operator gives another refresh token. What the old one earned is no longer used. */
export function replaceWrite(
  row: TokenRow,
  refreshToken: SealedValue | null,
  now: number,
  access: GivenAccess | null = null,
): TokenWrite {
  return {
    when: { rotation: row.rotation },
    set: {
      ...SETTLED,
      rotation: row.rotation + 1,
      refreshToken,
      lastRefreshToken: row.refreshToken,
      accessToken: null,
      accessDigest: null,
      accessExpiresAt: null,
      lastResult: { at: now, outcome: 'replaced', text: 'The operator gave another refresh token.' },
      dueAt: 0,
      staleSince: 0,
      ...(access !== null && withAccess(row, { access, now, rotation: row.rotation + 1 })),
    },
  };
}

/** An operator has tokens that lay aside take the place of whatever stands there. */
export function adoptWrite(row: TokenRow, { attempt, at, grant }: AsideTokens, now: number): TokenWrite {
  const { accessToken, accessDigest, accessExpiresAt } = grant;
  const refreshToken = grant.refreshToken ?? row.refreshToken;
  const access = accessToken !== null && accessDigest !== null ? { accessToken, accessDigest, accessExpiresAt } : null;
  const write = replaceWrite(row, row.refreshToken, now, null);
  return {
    ...write,
    set: {
      ...write.set,
      refreshToken,
      ...(access !== null && withAccess(row, { access, now: at, rotation: row.rotation + 1 })),
      savedBy: [attempt, ...row.savedBy].slice(0, MOST_SAVED_BY),
      lastResult: { at: now, outcome: 'adopted', text: 'The operator took tokens that lay aside.' },
    },
  };
}

/** A row of a refresh token that was just given. */
export function givenRow(
  key: TokenKey,
  given: { refreshToken: SealedValue; access?: GivenAccess | null; now: number } | null,
): TokenRow {
  const { upstream, credentialId } = key;
  const row = { ...newTokenState(given?.refreshToken ?? null), upstream, credentialId };
  if (!given?.access) return row;
  return { ...row, ...withAccess(row, { access: given.access, now: given.now, rotation: row.rotation }) };
}

/** What came with a refresh token serves until its own time is over. */
function withAccess(
  key: TokenKey,
  { access, now, rotation }: { access: GivenAccess; now: number; rotation: number },
): Partial<TokenState> {
  const { accessToken, accessDigest, accessExpiresAt } = access;
  const { upstream, credentialId } = key;
  return {
    accessToken,
    accessDigest,
    accessExpiresAt,
    refreshedAt: now,
    dueAt: refreshDueAt({ upstream, credentialId, rotation, obtainedAt: now, expiresAt: accessExpiresAt }),
    staleSince: now,
  };
}

const SETTLED = {
  intent: null,
  lease: null,
  ambiguous: null,
  isRepeated: false,
  invalid: null,
  backOff: null,
} as const satisfies Partial<TokenState>;
