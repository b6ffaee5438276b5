import type { Scheduler } from '@sluice/kit/time/scheduler';
import type {
  AdmissionOutcome,
  AdmissionWrite,
  CounterAddition,
  JointAccountWrites,
  JointAdmission,
  JointSettlement,
  LedgerAccountStore,
  SettlementWrite,
} from './account-store.ts';
import { createLanes } from './lanes.ts';

/*
 * Group commit: admissions, and settlements, that come while a write of the same account is under way are sent
 * together as one. It says the same as the single writes one after the other, or nothing is changed by it; then every
 * member is sent by itself, so that each meets its own refusal. A lost answer is lost to each member, and each one's
 * consistent read decides. A request that comes alone is sent at once, as without all this.
 */

export interface GroupCommitDeps {
  accounts: LedgerAccountStore & JointAccountWrites;
  scheduler: Pick<Scheduler, 'after'>;
}

/** Requests in one write: each names two attributes, and an expression has at most 4 KB and 300 operators. */
const MOST_TOGETHER = 32;
const MOST_COUNTERS = 40;
const MOST_REMOVALS = 25;

export function createGroupCommit({ accounts, scheduler }: GroupCommitDeps): LedgerAccountStore {
  const admissions = createLanes<AdmissionWrite, AdmissionOutcome, JointAdmission>({
    scheduler,
    join: joinAdmissions,
    sendAlone: (write) => accounts.admit(write),
    async sendTogether(write) {
      const outcome = await accounts.admitTogether(write);
      return outcome.outcome === 'admitted' ? outcome : null;
    },
  });
  const settlements = createLanes<SettlementWrite, 'settled' | 'not-held', JointSettlement>({
    scheduler,
    join: joinSettlements,
    sendAlone: (write) => accounts.settle(write),
    sendTogether: async (write) => ((await accounts.settleTogether(write)) === 'settled' ? 'settled' : null),
  });
  return {
    admit: (write) => admissions.send(write),
    settle: (write) => settlements.send(write),
    read: (accountId, options) => accounts.read(accountId, options),
    ensure: (accountId, createdAt) => accounts.ensure(accountId, createdAt),
    list: (page) => accounts.list(page),
  };
}

/**
 * As many from the beginning as one write can stand for: each finds the room that it asks for when those before it
 * have been let in. A counter that is absent stands at nothing.
 */
export function joinAdmissions(writes: readonly AdmissionWrite[]): { joint: JointAdmission; count: number } {
  const [first] = writes as readonly [AdmissionWrite];
  const sums = new Map<string, CounterAddition>();
  const holds: { requestId: string; hold: string }[] = [];
  let mostHolds = first.mostHolds;
  for (const write of writes) {
    if (holds.length === MOST_TOGETHER || write.entitlement !== first.entitlement) break;
    const added = addCounters(sums, write.counters);
    if (added === null) break;
    for (const counter of added) sums.set(counter.name, counter);
    // It stands behind those that are in the group already.
    mostHolds = Math.min(mostHolds, write.mostHolds - holds.length);
    holds.push({ requestId: write.requestId, hold: write.hold });
  }
  const { accountId, entitlement } = first;
  return { joint: { accountId, holds, entitlement, counters: [...sums.values()], mostHolds }, count: holds.length };
}

/** The counters with another member's on top; null when it cannot be one of the group. */
function addCounters(
  sums: ReadonlyMap<string, CounterAddition>,
  counters: readonly CounterAddition[],
): CounterAddition[] | null {
  const added: CounterAddition[] = [];
  let fresh = 0;
  for (const { name, amount, room } of counters) {
    const sum = sums.get(name);
    if (sum === undefined) {
      fresh += 1;
      added.push({ name, amount, room });
    } else {
      const left = Math.min(sum.room, room - sum.amount);
      // Even a counter at nothing would refuse the last of them.
      if (left < 0) return null;
      added.push({ name, amount: sum.amount + amount, room: left });
    }
  }
  return sums.size > 0 && sums.size + fresh > MOST_COUNTERS ? null : added;
}

/** All of them give up their holds; what one adds to is not forgotten for another. */
export function joinSettlements(writes: readonly SettlementWrite[]): { joint: JointSettlement; count: number } {
  const [first] = writes as readonly [SettlementWrite];
  const sums = new Map<string, number>();
  const removals = new Set<string>();
  const requestIds = new Set<string>();
  let count = 0;
  for (const write of writes) {
    const isFull = requestIds.size === MOST_TOGETHER || sums.size >= MOST_COUNTERS || removals.size >= MOST_REMOVALS;
    if (count > 0 && (isFull || requestIds.has(write.requestId))) break;
    count += 1;
    requestIds.add(write.requestId);
    for (const { name, amount } of write.additions) sums.set(name, (sums.get(name) ?? 0) + amount);
    for (const name of write.removals) removals.add(name);
  }
  const additions: { name: string; amount: number }[] = [];
  for (const [name, amount] of sums) {
    removals.delete(name);
    if (amount !== 0) additions.push({ name, amount });
  }
  return {
    joint: { accountId: first.accountId, requestIds: [...requestIds], additions, removals: [...removals] },
    count,
  };
}
