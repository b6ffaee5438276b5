import type { OwnedCredential, PoolAccount, PoolUse } from '@sluice/core/sharing/store';
import type { Document } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, list, number, object, oneOf, optional, record, text } from './shape.ts';

export const OWNED_CREDENTIAL_ITEM = defineItemSchema<OwnedCredential>({
  type: 'ownedCredential',
  schema: object({
    upstream: text,
    credentialId: text,
    ownerId: text,
    name: text,
    sharing: oneOf(['shared', 'exclusive']),
    enabled: boolean,
    modelsOff: list(text),
    removing: boolean,
    counted: list(text),
    revision: number,
    createdAt: number,
    updatedAt: number,
  }),
});

/** Where a credential of an owner stands. */
export const OWNER_ENTRY_ITEM = defineItemSchema({ type: 'ownerEntry', schema: object({ upstream: text, sk: text }) });

export const OWNED_ITEMS: readonly AnyItemSchema[] = [OWNED_CREDENTIAL_ITEM, OWNER_ENTRY_ITEM];

/** Maps of numbers by model: `q` quotas, `n` shared credentials, `o` what is owed. Totals stand at the top, where they can be added to. */
export const POOL_ACCOUNT_ITEM = defineItemSchema({
  type: 'poolAccount',
  schema: object({
    userId: text,
    preferShared: boolean,
    q: record(number),
    n: record(number),
    o: optional(record(number)),
    recoveredHour: number,
    revision: number,
    sharedRequests: number,
    sharedConsumed: number,
    privateRequests: number,
    privateConsumed: number,
    createdAt: number,
  }),
});

export const POOL_USE_ITEM = defineItemSchema<PoolUse>({
  type: 'poolUse',
  schema: object({
    userId: text,
    requestId: text,
    at: number,
    model: text,
    upstream: text,
    credentialId: text,
    isShared: boolean,
    quotaBefore: number,
    quotaAfter: number,
    consumed: number,
    expiresAt: number,
  }),
});

export const QUOTA_POOL_ITEMS: readonly AnyItemSchema[] = [POOL_ACCOUNT_ITEM, POOL_USE_ITEM];

export function readPoolAccount(item: Document): PoolAccount {
  const {
    q,
    n,
    o = {},
    sharedRequests,
    sharedConsumed,
    privateRequests,
    privateConsumed,
    ...rest
  } = POOL_ACCOUNT_ITEM.read(item);
  const uses = { sharedRequests, sharedConsumed, privateRequests, privateConsumed };
  return { ...rest, quotas: q, shared: n, owed: o, uses };
}

/** Of somebody who was never seen. */
export function newPoolAccount(userId: string, nowMs: number, hour: number): Document {
  return POOL_ACCOUNT_ITEM.write({
    userId,
    preferShared: false,
    q: {},
    n: {},
    recoveredHour: hour,
    revision: 0,
    sharedRequests: 0,
    sharedConsumed: 0,
    privateRequests: 0,
    privateConsumed: 0,
    createdAt: nowMs,
  });
}
