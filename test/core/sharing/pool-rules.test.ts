import fc from 'fast-check';
import {
  changeOf,
  consumption,
  groupOf,
  mayUseShared,
  maximumOf,
  recovered,
  unitsOf,
  withoutShared,
  withShared,
  type ModelPool,
  type PoolRules,
  type Step,
} from '../../../layers/core/sharing/pool-rules.ts';
import type { PoolAccount, PoolChange } from '../../../layers/core/sharing/store.ts';

const RULES: PoolRules = { perCredential: unitsOf(2), recoveryPerHour: unitsOf(0.4) };
const fraction = fc.integer({ min: 0, max: 10_000 });
const pool = fc.record({
  quota: fc.integer({ min: -100_000, max: 100_000 }),
  shared: fc.integer({ min: 0, max: 20 }),
  owed: fc.integer({ min: 0, max: 50_000 }),
});
const withinMaximum = pool.filter(({ quota, shared }) => quota <= shared * RULES.perCredential);

describe('a shared credential', () => {
  it('adds two to the maximum and twice what remains of it to the quota', () => {
    expect(withShared({ quota: 0, shared: 0, owed: 0 }, 10_000, RULES)).toEqual({ quota: 20_000, shared: 1, owed: 0 });
    expect(withShared({ quota: 5_000, shared: 1, owed: 0 }, 2_500, RULES)).toEqual({
      quota: 10_000,
      shared: 2,
      owed: 0,
    });
    expect(maximumOf({ quota: 0, shared: 2, owed: 0 }, RULES)).toBe(40_000);
  });

  it('never lifts the quota above the new maximum', () => {
    fc.assert(
      fc.property(pool, fraction, (before, share) => {
        const after = withShared(before, share, RULES);
        expect(after.quota).toBeLessThanOrEqual(maximumOf(after, RULES));
      }),
    );
  });

  it('takes away again what it added: joining and leaving move nothing in sum', () => {
    const standing = ({ quota, owed }: ModelPool): number => quota - owed;
    fc.assert(
      fc.property(withinMaximum, fraction, (before, share) => {
        const after = withoutShared(withShared(before, share, RULES), share, RULES);
        expect(standing(after)).toBe(standing(before));
        expect(after.shared).toBe(before.shared);
      }),
    );
  });

  it('that leaves and comes back fills nothing up: what was used up stays used up, however often', () => {
    const shared = pool.filter((one) => one.shared > 0 && one.quota <= maximumOf(one, RULES) && one.owed === 0);
    const times = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(shared, fraction, times, (before, share, rounds) => {
        let after: ModelPool = before;
        for (let round = 0; round < rounds; round += 1) {
          after = withShared(withoutShared(after, share, RULES), share, RULES);
        }
        expect(after).toEqual(before);
      }),
    );
    const used = { quota: 5_000, shared: 1, owed: 0 };
    const off = withoutShared(used, 10_000, RULES);
    expect(off).toEqual({ quota: 0, shared: 0, owed: 15_000 });
    expect(withShared(off, 10_000, RULES)).toEqual(used);
  });

  it('pays with what it brings for another one that left used up', () => {
    const off = withoutShared({ quota: 0, shared: 1, owed: 0 }, 10_000, RULES);
    expect(withShared(off, 2_500, RULES)).toEqual({ quota: 0, shared: 1, owed: 15_000 });
  });

  it('leaves nobody below zero who was above, and forgives no debt', () => {
    expect(withoutShared({ quota: 5_000, shared: 1, owed: 0 }, 10_000, RULES)).toEqual({
      quota: 0,
      shared: 0,
      owed: 15_000,
    });
    expect(withoutShared({ quota: -300, shared: 1, owed: 0 }, 10_000, RULES)).toEqual({
      quota: -300,
      shared: 0,
      owed: 20_000,
    });
    fc.assert(
      fc.property(pool, fraction, (before, share) => {
        const after = withoutShared(before, share, RULES);
        expect(after.quota).toBeGreaterThanOrEqual(Math.min(before.quota, 0));
        expect(after.quota).toBeLessThanOrEqual(before.quota);
      }),
    );
  });
});

describe('recovery', () => {
  it('brings back 0.4 an hour for each credential, up to two for each', () => {
    expect(recovered({ quota: 0, shared: 3, owed: 0 }, 1, RULES).quota).toBe(unitsOf(1.2));
    expect(recovered({ quota: unitsOf(5.5), shared: 3, owed: 0 }, 1, RULES).quota).toBe(unitsOf(6));
    expect(recovered({ quota: unitsOf(-1), shared: 1, owed: 0 }, 2, RULES).quota).toBe(unitsOf(-0.2));
  });

  it('gives nothing to those who share nothing', () => {
    expect(recovered({ quota: -500, shared: 0, owed: 0 }, 100, RULES)).toEqual({ quota: -500, shared: 0, owed: 0 });
  });

  it('pays what is owed with what would go over the maximum', () => {
    const before = { quota: unitsOf(1.8), shared: 1, owed: unitsOf(0.5) };
    expect(recovered(before, 1, RULES)).toEqual({ quota: unitsOf(2), shared: 1, owed: unitsOf(0.3) });
    expect(recovered(before, 10, RULES)).toEqual({ quota: unitsOf(2), shared: 1, owed: 0 });
  });

  it('of a time in one piece is that of its parts', () => {
    const hours = fc.integer({ min: 0, max: 30 });
    fc.assert(
      fc.property(withinMaximum, hours, hours, (before, first, second) => {
        const inParts = recovered(recovered(before, first, RULES), second, RULES);
        expect(recovered(before, first + second, RULES)).toEqual(inParts);
        expect(inParts.quota).toBeLessThanOrEqual(Math.max(before.quota, maximumOf(before, RULES)));
      }),
    );
  });
});

describe('consumption', () => {
  it('is what is gone, and nothing where a window began anew', () => {
    expect(consumption(10_000, 9_999)).toBe(1);
    expect(consumption(100, 10_000)).toBe(0);
  });

  it('sums without an error of the last place, however often', () => {
    let [quota, exact] = [unitsOf(2), 20_000n];
    for (let call = 0; call < 30_000; call += 1) {
      quota -= consumption(unitsOf(0.3), unitsOf(0.1));
      exact -= 2_000n;
    }
    expect(BigInt(quota)).toBe(exact);
  });
});

describe('groups', () => {
  const GROUPS = [
    ['low', 'high'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'oss', 'oss'],
  ];

  it('are drawn upon together, the first that has the model, each member once', () => {
    expect(groupOf(GROUPS, 'high')).toEqual(['low', 'high']);
    expect(groupOf(GROUPS, 'b')).toEqual(['a', 'b', 'c']);
    expect(groupOf(GROUPS, 'oss')).toEqual(['a', 'b', 'c', 'oss']);
    expect(groupOf(GROUPS, 'alone')).toEqual(['alone']);
  });

  it('are open to whoever has anything left for any of their models', () => {
    expect(mayUseShared({ a: -5, c: 1 }, ['a', 'b', 'c'])).toBe(true);
    expect(mayUseShared({ a: 0, c: -1, other: 9 }, ['a', 'b', 'c'])).toBe(false);
    expect(mayUseShared({}, ['toString'])).toBe(false);
  });
});

describe('a change of an account', () => {
  const HOUR = 500_000;
  const account = (change: Partial<PoolAccount> = {}): PoolAccount => ({
    userId: 'usr_1',
    preferShared: false,
    quotas: {},
    shared: {},
    owed: {},
    recoveredHour: HOUR,
    revision: 7,
    uses: { sharedRequests: 0, sharedConsumed: 0, privateRequests: 0, privateConsumed: 0 },
    createdAt: 0,
    ...change,
  });
  const applied = (before: PoolAccount, change: PoolChange | null): PoolAccount => {
    if (change === null) return before;
    const quotas = { ...before.quotas };
    for (const [model, amount] of Object.entries(change.quotas)) quotas[model] = (quotas[model] ?? 0) + amount;
    const { recoveredHour, owed = before.owed } = change;
    return { ...before, quotas, shared: { ...before.shared, ...change.shared }, owed, recoveredHour };
  };
  const add = (model: string, share = 10_000): Step => ({ model, kind: 'add', fraction: share });
  const remove = (model: string, share = 10_000): Step => ({ model, kind: 'remove', fraction: share });

  it('is none where neither time nor a credential moves', () => {
    expect(changeOf(account(), { hour: HOUR, steps: [], rules: RULES })).toBeNull();
    expect(changeOf(account(), { hour: HOUR - 3, steps: [], rules: RULES })).toBeNull();
  });

  it('starts from nothing and counts each model by itself', () => {
    const change = changeOf(account(), { hour: HOUR, steps: [add('a'), add('b', 5_000)], rules: RULES });
    expect(change).toEqual({
      userId: 'usr_1',
      revision: 7,
      recoveredHour: HOUR,
      quotas: { a: 20_000, b: 10_000 },
      fresh: ['a', 'b'],
      shared: { a: 1, b: 1 },
    });
  });

  it('first gives what the hours before have earned, so that nobody earns by joining late', () => {
    const before = account({ quotas: { a: 0 }, shared: { a: 1 } });
    const change = changeOf(before, { hour: HOUR + 2, steps: [add('a', 0)], rules: RULES });
    expect(change).toMatchObject({ quotas: { a: 8_000 }, shared: { a: 2 }, recoveredHour: HOUR + 2 });
  });

  it('counts no hours in which nothing was shared', () => {
    const late = changeOf(account(), { hour: HOUR + 1_000, steps: [add('a', 0)], rules: RULES });
    expect(late).toMatchObject({ quotas: { a: 0 }, shared: { a: 1 }, recoveredHour: HOUR + 1_000 });
  });

  it('is the same whatever deductions come between reading and writing', () => {
    const steps = fc.array(
      fc.record({
        model: fc.constantFrom('a', 'b'),
        kind: fc.constantFrom('add' as const, 'remove' as const),
        fraction,
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(steps, fc.nat(50_000), fc.nat(5), (made, deducted, hours) => {
        const before = account({ quotas: { a: 7_000 }, shared: { a: 2 } });
        const change = changeOf(before, { hour: HOUR + hours, steps: made, rules: RULES });
        const changedFirst = applied(before, change).quotas['a'] ?? 0;
        const meanwhile = { ...before, quotas: { a: 7_000 - deducted } };
        // Written as a difference, it stands as if it had come before the deduction.
        expect(applied(meanwhile, change).quotas['a']).toBe(changedFirst - deducted);
      }),
    );
  });

  it('tells what is owed only where that changes, and all of it', () => {
    const before = account({ quotas: { a: 5_000, b: 0 }, shared: { a: 1 }, owed: { b: 700 } });
    const left = changeOf(before, { hour: HOUR, steps: [remove('a')], rules: RULES });
    expect(left).toMatchObject({ quotas: { a: -5_000 }, shared: { a: 0 }, owed: { a: 15_000, b: 700 } });
    const back = changeOf(applied(before, left), { hour: HOUR, steps: [add('a')], rules: RULES });
    expect(back).toMatchObject({ quotas: { a: 5_000 }, shared: { a: 1 }, owed: { b: 700 } });
    expect(changeOf(before, { hour: HOUR, steps: [add('c')], rules: RULES })).not.toHaveProperty('owed');
  });

  it('undone by the opposite step leaves the account as it was', () => {
    fc.assert(
      fc.property(fraction, fc.nat(40_000), (share, quota) => {
        const before = account({ quotas: { a: quota }, shared: { a: 2 } });
        const added = applied(before, changeOf(before, { hour: HOUR, steps: [add('a', share)], rules: RULES }));
        const removed = applied(added, changeOf(added, { hour: HOUR, steps: [remove('a', share)], rules: RULES }));
        expect([removed.quotas['a'], removed.shared['a']]).toEqual([quota, 2]);
      }),
    );
  });
});
