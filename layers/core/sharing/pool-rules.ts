import { UNITS_PER_ONE, type PoolAccount, type PoolChange, type Units } from './store.ts';

/*
 * The arithmetic of the shared pool (contracts.md §5.5), in whole ten-thousandths. A maximum is never stored: it is the
 * number of shared credentials that count, times what one is worth, so that a changed setting leaves nothing behind.
 */

export interface PoolRules {
  /** What one shared credential adds to the maximum, and, when whole, to the quota. */
  perCredential: Units;
  /** What each shared credential brings back in an hour. */
  recoveryPerHour: Units;
}

/** One model of one user. */
export interface ModelPool {
  quota: Units;
  /** Shared credentials that count. */
  shared: number;
  /** What credentials that left should have taken with them, and could not: it was used up. */
  owed: Units;
}

export const HOUR_MS = 3_600_000;

export function unitsOf(value: number): Units {
  return Math.round(value * UNITS_PER_ONE);
}

export function numberOf(units: Units): number {
  return units / UNITS_PER_ONE;
}

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS);
}

export function maximumOf({ shared }: ModelPool, rules: PoolRules): Units {
  return shared * rules.perCredential;
}

/**
 * A shared credential joins: the quota grows by what remains of it, up to the new maximum, but for what is owed: who
 * takes a credential away and brings one back has what was there before, and no more.
 */
export function withShared(pool: ModelPool, fraction: Units, rules: PoolRules): ModelPool {
  const shared = pool.shared + 1;
  const brought = worth(fraction, rules);
  const paid = Math.min(pool.owed, brought);
  const quota = Math.min(pool.quota + brought - paid, maximumOf({ ...pool, shared }, rules));
  return { shared, quota, owed: pool.owed - paid };
}

/** One leaves: the quota falls by what remains of it, not below zero. Whoever is below zero already stays there. */
export function withoutShared(pool: ModelPool, fraction: Units, rules: PoolRules): ModelPool {
  const leaving = worth(fraction, rules);
  const taken = Math.min(Math.max(0, pool.quota), leaving);
  return {
    shared: Math.max(0, pool.shared - 1),
    quota: pool.quota - taken,
    owed: pool.owed + leaving - taken,
  };
}

/** So many hours pass. Without shared credentials nothing comes back; what would go over the maximum pays what is owed. */
export function recovered(pool: ModelPool, hours: number, rules: PoolRules): ModelPool {
  if (pool.shared === 0 || hours <= 0) return pool;
  const back = hours * pool.shared * rules.recoveryPerHour;
  const gained = Math.min(back, Math.max(0, maximumOf(pool, rules) - pool.quota));
  return { ...pool, quota: pool.quota + gained, owed: Math.max(0, pool.owed - (back - gained)) };
}

/** What a call used of a credential; one whose window began anew meanwhile counts as nothing. */
export function consumption(before: Units, after: Units): Units {
  return Math.max(0, before - after);
}

function worth(fraction: Units, { perCredential }: PoolRules): Units {
  const share = Math.max(0, Math.min(UNITS_PER_ONE, fraction));
  return Math.round((perCredential * share) / UNITS_PER_ONE);
}

/** The models that are drawn upon together: the first group that has the model, each member once; else it alone. */
export function groupOf(groups: readonly (readonly string[])[], model: string): readonly string[] {
  const group = groups.find((members) => members.includes(model));
  return group === undefined ? [model] : [...new Set(group)];
}

/** Whoever has something left for any model of the group may use what others share. */
export function mayUseShared(quotas: PoolAccount['quotas'], group: readonly string[]): boolean {
  return group.some((model) => quotaOf(quotas, model) > 0);
}

export function quotaOf(quotas: PoolAccount['quotas'], model: string): Units {
  return (Object.hasOwn(quotas, model) ? quotas[model] : undefined) ?? 0;
}

/** One credential joins or leaves the pool of a model. */
export interface Step {
  model: string;
  kind: 'add' | 'remove';
  /** What remains of the credential for this model. */
  fraction: Units;
}

/**
 * What becomes of an account: first the hours that have passed bring back what the credentials of those hours earned,
 * then the steps are made. Null when nothing would change.
 */
export function changeOf(
  account: PoolAccount,
  { hour, steps, rules }: { hour: number; steps: readonly Step[]; rules: PoolRules },
): PoolChange | null {
  const hours = Math.max(0, hour - account.recoveredHour);
  if (hours === 0 && steps.length === 0) return null;
  const pools = new Map<string, ModelPool>();
  const before = (model: string): ModelPool => ({
    quota: quotaOf(account.quotas, model),
    shared: quotaOf(account.shared, model),
    owed: quotaOf(account.owed, model),
  });
  for (const model of Object.keys(account.shared)) pools.set(model, recovered(before(model), hours, rules));
  for (const { model, kind, fraction } of steps) {
    const pool = pools.get(model) ?? before(model);
    pools.set(model, (kind === 'add' ? withShared : withoutShared)(pool, fraction, rules));
  }
  const changed = [...pools].filter(([model, { quota, shared }]) => {
    const old = before(model);
    return quota !== old.quota || shared !== old.shared;
  });
  const owes = [...pools].some(([model, { owed }]) => owed !== before(model).owed);
  const joined = changed.filter(([model, { shared }]) => shared !== before(model).shared);
  return {
    userId: account.userId,
    revision: account.revision,
    recoveredHour: Math.max(hour, account.recoveredHour),
    quotas: Object.fromEntries(changed.map(([model, { quota }]) => [model, quota - before(model).quota])),
    fresh: changed.map(([model]) => model).filter((model) => !Object.hasOwn(account.quotas, model)),
    shared: Object.fromEntries(joined.map(([model, { shared }]) => [model, shared])),
    ...(owes && { owed: owedAfter(account.owed, pools) }),
  };
}

function owedAfter(before: PoolAccount['owed'], pools: ReadonlyMap<string, ModelPool>): Record<string, Units> {
  const all = new Map([...Object.entries(before), ...[...pools].map(([model, { owed }]) => [model, owed] as const)]);
  return Object.fromEntries([...all].filter(([, owed]) => owed > 0));
}
