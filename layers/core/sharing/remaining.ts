import type { QuotaClass } from '../catalog/store.ts';
import type { Credential } from '../credentials/store.ts';
import type { LedgerAccount } from '../metering/account-store.ts';
import { limitsInForce, type Limit } from '../metering/limits.ts';
import { ACCOUNT_SCOPE } from '../metering/measures.ts';
import { UNITS_PER_ONE, type Units } from './store.ts';

/** What remains of a credential for one class of models. */
export interface Remaining {
  /** Of one; the least of all its limits. A credential without limits is always whole. */
  fraction: Units;
  /** When the limit that decides begins anew, milliseconds since the epoch; null where none does. */
  resetAt: number | null;
}

export interface RemainingFacts {
  credential: Pick<Credential, 'limits'>;
  /** `credential:<id>`; null when nothing was counted yet. */
  account: Pick<LedgerAccount, 'createdAt' | 'counters'> | null;
  class: QuotaClass;
  nowMs: number;
  /** Minutes east of UTC that days and months follow. */
  offsetMinutes: number;
}

/** How fast a credential may be used says nothing of how much of it is left: only days and months count. */
const AMOUNTS: ReadonlySet<string> = new Set(['t', 'T', 'c', 'h', 'i', 'v', 'm']);

/** The ledger account that a credential's own limits are kept on. */
export function accountOfCredential(credentialId: string): string {
  return `credential:${credentialId}`;
}

/** With an API key, what remains is the share of the configured limits that is not used up (architecture.md §13). */
export function remainingOf({ credential, account, ...facts }: RemainingFacts): Remaining {
  const createdAt = account?.createdAt ?? Math.floor(facts.nowMs / 1_000);
  const limits = limitsInForce({
    scopes: [{ owner: 'credential', scope: ACCOUNT_SCOPE, limits: credential.limits }],
    class: facts.class,
    timeMs: facts.nowMs,
    plan: null,
    grid: { createdAt, offsetMinutes: facts.offsetMinutes },
  });
  let least: Remaining = { fraction: UNITS_PER_ONE, resetAt: null };
  for (const limit of limits) {
    if (!AMOUNTS.has(limit.letter)) continue;
    const fraction = leftOf(limit, account?.counters[limit.counter] ?? 0);
    if (fraction < least.fraction) least = { fraction, resetAt: limit.resetAt };
  }
  return least;
}

/** Rounded down: what is used up to the last place is used up. */
function leftOf({ limit }: Limit, used: number): Units {
  if (limit <= 0) return 0;
  const left = Math.max(0, Math.min(limit, limit - used));
  return Number((BigInt(Math.floor(left)) * BigInt(UNITS_PER_ONE)) / BigInt(limit));
}
