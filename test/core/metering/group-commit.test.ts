import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AdmissionWrite, JointAdmission, SettlementWrite } from '../../../layers/core/metering/account-store.ts';
import { joinAdmissions, joinSettlements } from '../../../layers/core/metering/group-commit.ts';
import { createMemoryLedgerAccounts, type MemoryLedgerAccounts } from '../../support/memory-ledger-accounts.ts';

const NAMES = ['req#u#m1', 'tok#u#r1', 'fly#k:a', 'usd#k:a#M1'];
type Counters = Record<string, number>;

const amounts = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...NAMES), amount: fc.integer({ min: 0, max: 9 }), limit: fc.nat(40) }),
  { selector: ({ name }) => name },
);
const countersOf = fc.dictionary(fc.constantFrom(...NAMES), fc.integer({ min: 0, max: 40 }));

function accountWith(counters: Counters, holds: number): MemoryLedgerAccounts {
  const held = Object.fromEntries(Array.from({ length: holds }, (_none, index) => [`old${index}`, 'r']));
  return createMemoryLedgerAccounts([
    { id: 'a', createdAt: 1, entitlement: 0, plan: null, counters, holds: held, whole: true },
  ]);
}

const admissions = fc.array(amounts, { minLength: 1, maxLength: 6 }).map((all) =>
  all.map((added, index): AdmissionWrite => ({
    accountId: 'a',
    requestId: `r${index}`,
    hold: `h${index}`,
    entitlement: 0,
    // What is asked alone is never more than the limit.
    counters: added.map(({ name, amount, limit }) => ({ name, amount, room: limit })),
    mostHolds: 8,
  })),
);

/** What the table does with a joint write. */
function fits({ rows }: MemoryLedgerAccounts, joint: JointAdmission): boolean {
  const account = rows.get('a')!;
  return (
    Object.keys(account.holds).length < joint.mostHolds &&
    joint.counters.every(({ name, room }) => account.counters[name] === undefined || account.counters[name] <= room)
  );
}

describe('admissions in one write', () => {
  it('say what they say one after the other: let in together exactly when each finds its room', async () => {
    await fc.assert(
      fc.asyncProperty(admissions, countersOf, fc.nat(8), async (writes, counters, holds) => {
        const { joint, count } = joinAdmissions(writes);
        const one = accountWith(counters, holds);
        const isTogether = fits(one, joint);
        const outcomes = [];
        for (const write of writes.slice(0, count)) outcomes.push((await one.admit(write)).outcome);
        expect(isTogether).toBe(outcomes.every((outcome) => outcome === 'admitted'));
        if (!isTogether) return;
        const sums: Counters = { ...counters };
        for (const { name, amount } of joint.counters) sums[name] = (sums[name] ?? 0) + amount;
        expect(one.rows.get('a')?.counters).toEqual(sums);
        expect(joint.holds).toEqual(writes.slice(0, count).map(({ requestId, hold }) => ({ requestId, hold })));
      }),
    );
  });

  it('are of one entitlement, and of at most 32 requests', () => {
    const write = (index: number, entitlement = 0): AdmissionWrite => ({
      accountId: 'a',
      requestId: `r${index}`,
      hold: 'h',
      entitlement,
      mostHolds: 100,
      counters: [{ name: 'fly#u', amount: 1, room: 99 }],
    });
    expect(joinAdmissions([write(0), write(1), write(2, 1), write(3)]).count).toBe(2);
    const { joint, count } = joinAdmissions(Array.from({ length: 50 }, (_none, index) => write(index)));
    expect(count).toBe(32);
    expect(joint).toMatchObject({ counters: [{ name: 'fly#u', amount: 32, room: 68 }], mostHolds: 69 });
  });
});

describe('settlements in one write', () => {
  const settlement = fc.record({
    additions: fc.uniqueArray(fc.record({ name: fc.constantFrom(...NAMES), amount: fc.integer({ min: -9, max: 9 }) }), {
      selector: ({ name }) => name,
    }),
    removals: fc.uniqueArray(fc.constantFrom('req#u#m0', 'tok#u#r0', ...NAMES)),
  });

  it('add what they add one after the other, and forget nothing that one of them adds to', () => {
    fc.assert(
      fc.property(fc.array(settlement, { minLength: 1, maxLength: 6 }), (all) => {
        const writes = all.map(({ additions, removals }, index): SettlementWrite => ({
          accountId: 'a',
          requestId: `r${index}`,
          additions,
          removals: removals.filter((name) => !additions.some((added) => added.name === name)),
        }));
        const { joint, count } = joinSettlements(writes);
        const members = writes.slice(0, count);
        expect(joint.requestIds).toEqual(members.map(({ requestId }) => requestId));
        const sums: Counters = {};
        for (const { name, amount } of members.flatMap(({ additions }) => additions)) {
          sums[name] = (sums[name] ?? 0) + amount;
        }
        const added = Object.entries(sums).filter(([, amount]) => amount !== 0);
        expect(Object.fromEntries(joint.additions.map(({ name, amount }) => [name, amount]))).toEqual(
          Object.fromEntries(added),
        );
        const gone = new Set(members.flatMap(({ removals }) => removals).filter((name) => !(name in sums)));
        expect(new Set(joint.removals)).toEqual(gone);
      }),
    );
  });

  it('of the same request twice are two writes', () => {
    const write = { accountId: 'a', requestId: 'r', additions: [], removals: [] };
    expect(joinSettlements([write, write]).count).toBe(1);
  });
});
