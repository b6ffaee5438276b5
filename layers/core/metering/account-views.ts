import type { PlanEntitlement } from '../plans/store.ts';
import type { LedgerAccount } from './account-store.ts';
import type { KnownUse } from './decision.ts';
import { decodeHold } from './hold-text.ts';
import { countersOfHold } from './holds.ts';

/*
 * What this process has seen of ledger accounts: enough to compute an admission without reading first, and to refuse
 * again what was refused without asking. A view may be old; the conditions of the write have the last word, so an old
 * view costs one more try and never lets anything through.
 */

/** An account as it was last seen, without its holds. */
export interface AccountView {
  createdAt: number;
  entitlement: number;
  plan: PlanEntitlement | null;
  counters: Readonly<Record<string, number>>;
  /**
   * What no settlement of a request under way can give back any more: a counter never falls below it. Known for
   * counters that refused.
   */
  floors: Readonly<Record<string, number>>;
  /** On the scheduler's clock. */
  seenAt: number;
  /** When the account last refused; null when it did not, or when something was given back here since. */
  refusedAt: number | null;
}

export interface AccountViews {
  get(accountId: string): AccountView | null;
  /** After an answer of the store that let something through. */
  saw(account: LedgerAccount, monoMs: number): AccountView;
  /** After an answer of the store that did not. */
  sawRefusal(account: LedgerAccount, monoMs: number): AccountView;
  /** This process settled something: these differences were added. */
  settled(accountId: string, additions: readonly { name: string; amount: number }[]): void;
}

const MOST_VIEWS = 10_000;
/** What a refusal has shown is believed for so long, whoever may have given back what meanwhile. */
const REFUSAL_LIFE_MS = 200;
/** With a view older than this no answer is cut short: others may have given back what it takes for used. */
export const ROOM_LIFE_MS = 100;
/** A plan is changed elsewhere, without this process being told; whoever has redeemed a code calls again at once. */
export const PLAN_LIFE_MS = 200;

export function createAccountViews(): AccountViews {
  const views = new Map<string, AccountView>();
  const keep = (accountId: string, view: AccountView): AccountView => {
    // The map keeps the order of insertion, so its first entry is the one that was not used for longest.
    views.delete(accountId);
    views.set(accountId, view);
    if (views.size > MOST_VIEWS) views.delete(views.keys().next().value as string);
    return view;
  };
  const view = (account: LedgerAccount, monoMs: number): AccountView => ({
    createdAt: account.createdAt,
    entitlement: account.entitlement,
    plan: account.plan,
    counters: account.counters,
    floors: floorsThatCount(views.get(account.id)?.floors ?? {}, account.counters),
    seenAt: monoMs,
    refusedAt: null,
  });
  return {
    get: (accountId) => views.get(accountId) ?? null,
    saw: (account, monoMs) => keep(account.id, view(account, monoMs)),
    sawRefusal: (account, monoMs) =>
      keep(account.id, { ...view(account, monoMs), floors: floorsOf(account), refusedAt: monoMs }),
    settled(accountId, additions) {
      const known = views.get(accountId);
      if (!known) return;
      const counters = { ...known.counters };
      for (const { name, amount } of additions) if (counters[name] !== undefined) counters[name] += amount;
      views.set(accountId, { ...known, counters, refusedAt: null });
    },
  };
}

/** What the counters would show if all that is held were given back. */
export function floorsOf(account: LedgerAccount): Record<string, number> {
  const floors = { ...account.counters };
  for (const [requestId, text] of Object.entries(account.holds)) {
    for (const { name, held } of countersOfHold({ requestId, hold: decodeHold(text), createdAt: account.createdAt })) {
      if (floors[name] !== undefined) floors[name] -= held;
    }
  }
  return floors;
}

/** Floors of counters that are gone would only gather. */
function floorsThatCount(
  floors: Readonly<Record<string, number>>,
  counters: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(floors).filter(([name]) => name in counters));
}

/** What an old view tells for sure, and what it makes likely. */
export function useByView(view: AccountView, monoMs: number): KnownUse {
  const isFresh = view.refusedAt !== null && monoMs - view.refusedAt < REFUSAL_LIFE_MS;
  return {
    atLeast: (counter) => (isFresh ? view.counters[counter] : view.floors[counter]) ?? 0,
    likely: (counter) => view.counters[counter] ?? 0,
  };
}

/** What the store has just answered. */
export function useByAnswer(account: Pick<LedgerAccount, 'counters'>): KnownUse {
  const known = (counter: string): number => account.counters[counter] ?? 0;
  return { atLeast: known, likely: known };
}
