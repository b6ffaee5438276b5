import type { LedgerAccount } from '@sluice/core/metering/account-store';
import { PLAN_TYPES, type PlanEntitlement } from '@sluice/core/plans/store';
import type { Document, DocumentValue } from '../table-client.ts';
import { defineItemSchema, ITEM_TYPE, type AnyItemSchema } from './item-schema.ts';
import { looseObject, number, object, oneOf, optional, record, text, parsed, type ValueOf } from './shape.ts';

/*
 * A ledger account as it is stored. It is written twice per request and paid by its size, so names are short. Counters
 * are attributes of their own, told apart by the `#` in their names; `h` maps request ids to holds.
 */

export const HOLDS = 'h';
export const ENTITLEMENT = 'entitlement';
export const CREATED_AT = 'c';
export const PLAN = 'plan';

const planSchema = object({
  /** id, name, type */
  i: text,
  n: text,
  k: optional(oneOf(PLAN_TYPES)),
  /** tokens and micro-dollars in all */
  t: optional(number),
  u: optional(number),
  /** expires at */
  x: number,
});

const accountSchema = looseObject({
  [CREATED_AT]: number,
  [ENTITLEMENT]: number,
  [HOLDS]: record(text),
  [PLAN]: optional(planSchema),
});

export const ACCOUNT_ITEM = defineItemSchema<ValueOf<typeof accountSchema>>({ type: 'acct', schema: accountSchema });

/** That there is an account, for the pass over all of them. */
export const ACCOUNT_ENTRY_ITEM = defineItemSchema({ type: 'acct-entry', schema: object({ sk: text }) });

/** How far the pass over all accounts has come. */
export const ACCOUNT_PASS_ITEM = defineItemSchema({
  type: 'acct-pass',
  schema: object({ startedAt: number, cursor: optional(text) }),
});

export const ACCOUNT_ITEMS: readonly AnyItemSchema[] = [ACCOUNT_ITEM, ACCOUNT_ENTRY_ITEM, ACCOUNT_PASS_ITEM];

/**
 * Read by hand, since it is read with every request, and since an account that lacks something must be readable to be
 * put right.
 */
export function ledgerAccount(accountId: string, stored: Document): LedgerAccount {
  const item = isOfType(stored) ? (ACCOUNT_ITEM.upgrade(stored) ?? stored) : stored;
  const counters: Record<string, number> = {};
  for (const [name, value] of Object.entries(item)) {
    if (typeof value === 'number' && name.includes('#')) counters[name] = value;
  }
  const [createdAt, entitlement, holds] = [item[CREATED_AT], item[ENTITLEMENT], item[HOLDS]];
  return {
    id: accountId,
    createdAt: typeof createdAt === 'number' ? createdAt : 0,
    entitlement: typeof entitlement === 'number' ? entitlement : 0,
    plan: readPlan(item[PLAN]),
    counters,
    holds: isTexts(holds) ? holds : {},
    whole: isOfType(stored) && typeof createdAt === 'number' && typeof entitlement === 'number' && isTexts(holds),
  };
}

function isOfType(item: Document): boolean {
  return item[ITEM_TYPE] === ACCOUNT_ITEM.type;
}

function isTexts(value: DocumentValue | undefined): value is Record<string, string> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function readPlan(value: DocumentValue | undefined): PlanEntitlement | null {
  if (value === undefined || value === null) return null;
  const { i, n, k, t, u, x } = parsed(planSchema, 'plan', value);
  return { id: i, name: n, type: k ?? null, tokens: t ?? null, micros: u ?? null, expiresAt: x };
}

/** A plan as the account carries it; redemption writes it with `entitlement + 1`. */
export function storedPlan(plan: PlanEntitlement): Document {
  const { id, name, type, tokens, micros, expiresAt } = plan;
  const known = { k: type ?? undefined, t: tokens ?? undefined, u: micros ?? undefined };
  return { i: id, n: name, ...known, x: expiresAt };
}
