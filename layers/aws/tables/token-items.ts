import type { AsideTokens, TokenRow } from '@sluice/core/credentials/refresh/tokens';
import type { SweepState } from '@sluice/core/credentials/refresh/sweep';
import type { Document } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, list, nullable, number, object, oneOf, optional, text } from './shape.ts';
import { SEALED } from './vault-items.ts';

/** As it is stored: what is not there has no attribute, since conditions ask for that; instants of indexes are texts. */
export const TOKENS_ITEM = defineItemSchema({
  type: 'tokens',
  schema: object({
    upstream: text,
    credentialId: text,
    rotation: number,
    refreshToken: optional(SEALED),
    lastRefreshToken: optional(SEALED),
    accessToken: optional(SEALED),
    accessDigest: optional(text),
    accessExpiresAt: optional(number),
    rejectedAt: optional(number),
    refreshedAt: optional(number),
    intent: optional(text),
    lease: optional(object({ owner: text, until: number })),
    ambiguous: optional(object({ attempt: text, at: number, reason: text })),
    isRepeated: boolean,
    invalid: optional(object({ attempt: text, at: number, reason: text })),
    backOff: optional(object({ until: number, failures: number })),
    savedBy: list(text),
    lastResult: optional(object({ at: number, outcome: text, text })),
    dueSk: optional(text),
    staleSk: optional(text),
  }),
});

export const ASIDE_ITEM = defineItemSchema<AsideTokens>({
  type: 'asideTokens',
  schema: object({
    upstream: text,
    credentialId: text,
    attempt: text,
    rotation: number,
    at: number,
    why: oneOf(['superseded', 'unsaved']),
    grant: object({
      accessToken: nullable(SEALED),
      accessDigest: nullable(text),
      accessExpiresAt: nullable(number),
      refreshToken: nullable(SEALED),
    }),
  }),
});

export const SWEEP_STATE_ITEM = defineItemSchema<SweepState>({
  type: 'tokenSweep',
  schema: object({ isOn: boolean, since: number }),
});

export const SWEEP_LEASE_ITEM = defineItemSchema({
  type: 'tokenSweepLease',
  schema: object({ owner: text, until: number }),
});

export const TOKEN_ITEMS: readonly AnyItemSchema[] = [TOKENS_ITEM, ASIDE_ITEM, SWEEP_STATE_ITEM, SWEEP_LEASE_ITEM];

type StoredTokens = ReturnType<typeof TOKENS_ITEM.read>;

export function toTokenRow(stored: StoredTokens): TokenRow {
  const { dueSk, staleSk, ...rest } = stored;
  return {
    ...NOTHING,
    ...rest,
    dueAt: dueSk === undefined ? null : Number(dueSk),
    staleSince: staleSk === undefined ? null : Number(staleSk),
  };
}

export function writeTokens(row: TokenRow): Document {
  const { dueAt, staleSince, ...state } = row;
  const given = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null));
  const stored = { ...(given as Omit<StoredTokens, 'dueSk' | 'staleSk'>) };
  return TOKENS_ITEM.write({
    ...stored,
    ...(dueAt === null ? {} : { dueSk: sortableInstant(dueAt) }),
    ...(staleSince === null ? {} : { staleSk: sortableInstant(staleSince) }),
  });
}

/** Instants as texts sort as they come: 15 digits reach far enough. */
export function sortableInstant(ms: number): string {
  return String(Math.max(0, Math.floor(ms))).padStart(15, '0');
}

const NOTHING = {
  refreshToken: null,
  lastRefreshToken: null,
  accessToken: null,
  accessDigest: null,
  accessExpiresAt: null,
  rejectedAt: null,
  refreshedAt: null,
  intent: null,
  lease: null,
  ambiguous: null,
  invalid: null,
  backOff: null,
  lastResult: null,
} as const;
