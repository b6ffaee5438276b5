import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startMeteringStage, type Begun, type MeteringStage, type Process } from '../../support/metering-stage.ts';

let stage: MeteringStage;
let processes: Process[];

beforeAll(async () => {
  stage = await startMeteringStage(Date.UTC(2026, 10, 21, 10));
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.now += 3_600_000;
  stage.nextUser();
  processes = [0, 3, 7].map((skewMs) => stage.process({ skewMs, grouped: true }));
});

const ROOM = 100;
const CALLS = 1_000;
const LIMITS = { requestsPerMinute: ROOM, maxConcurrent: ROOM + 5, tokensPerDay: ROOM * 150 };
const unlessRefused = ({ refused }: Begun): boolean => refused === null;

describe('a thousand calls at once, their writes grouped', () => {
  it('are let in exactly as many as fit, each with its hold, and leave exactly what was used', async () => {
    const begun = await Promise.all(
      Array.from({ length: CALLS }, (_none, call) => processes[call % 3]!.begin({ key: LIMITS })),
    );
    const admitted = begun.filter(unlessRefused);
    expect(admitted).toHaveLength(ROOM);
    expect(new Set(begun.map(({ refused }) => refused?.status))).toEqual(new Set([undefined, 429]));
    const full = await stage.account();
    expect(Object.keys(full.holds).toSorted()).toEqual(
      admitted.map(({ request }) => request.event.requestId).toSorted(),
    );
    expect(Object.values(full.counters).toSorted()).toEqual([ROOM, ROOM, ROOM * 150]);

    await Promise.all(admitted.map((one, at) => processes[at % 3]!.end(one)));
    const empty = await stage.account();
    expect(empty.holds).toEqual({});
    expect(Object.values(empty.counters).toSorted()).toEqual([0, ROOM, ROOM * 100]);
  }, 120_000);

  it('cost far fewer writes of the account than there are requests', async () => {
    const writes: number[] = [];
    const counted = stage.process({
      grouped: true,
      accounts: {
        admit: (write) => {
          writes.push(1);
          return stage.accounts.admit(write);
        },
        admitTogether: (write) => {
          writes.push(write.holds.length);
          return stage.accounts.admitTogether(write);
        },
      },
    });
    await counted.begin({ key: { maxConcurrent: 900 } });
    writes.length = 0;
    const begun = await Promise.all(Array.from({ length: 64 }, () => counted.begin({ key: { maxConcurrent: 900 } })));
    expect(begun.every(unlessRefused)).toBe(true);
    expect(writes).toEqual([1, 32, 31]);
    await Promise.all(begun.map((one) => counted.end(one)));
    expect(Object.keys((await stage.account()).holds)).toHaveLength(1);
  });
});

describe('a grouped write whose answer is lost', () => {
  it.each([
    ['and that was applied, lets every member in by its own read', true],
    ['and that was not, lets nobody in and leaves nothing', false],
  ])('%s', async (_title, isApplied) => {
    let lost = 0;
    let reads = 0;
    const process = stage.process({
      grouped: true,
      accounts: {
        async admitTogether(write) {
          lost += 1;
          if (isApplied) await stage.accounts.admitTogether(write);
          throw new Error('the answer was lost');
        },
        read(accountId, options) {
          if (options.consistent) reads += 1;
          return stage.accounts.read(accountId, options);
        },
      },
    });
    const first = await process.begin({ key: LIMITS });
    const begun = await Promise.all(Array.from({ length: 9 }, () => process.begin({ key: LIMITS })));
    const admitted = begun.filter(unlessRefused);
    expect({ lost, reads, admitted: admitted.length }).toEqual({ lost: 1, reads: 8, admitted: isApplied ? 9 : 1 });
    for (const { refused } of begun) if (refused) expect(refused.code).toBe('store_unavailable');
    await Promise.all([first, ...admitted].map((one) => process.end(one)));
    const account = await stage.account();
    expect(account.holds).toEqual({});
    expect(Object.values(account.counters).toSorted()).toEqual(
      [0, admitted.length + 1, 100 * (admitted.length + 1)].toSorted(),
    );
  });

  it.each([
    ['was applied', true],
    ['was not', false],
  ])('and that settled: each is settled once, whether it %s', async (_title, isApplied) => {
    let together = 0;
    const process = stage.process({
      grouped: true,
      accounts: {
        async settleTogether(write) {
          together += 1;
          if (together > 1) return stage.accounts.settleTogether(write);
          if (isApplied) await stage.accounts.settleTogether(write);
          // As the table client tells it after an answer that was lost and a repetition that met its own work.
          return 'not-all-held';
        },
      },
    });
    const begun = await Promise.all(Array.from({ length: 12 }, () => process.begin({ key: LIMITS })));
    await Promise.all(begun.map((one) => process.end(one)));
    expect(together).toBeGreaterThan(0);
    const account = await stage.account();
    expect(account.holds).toEqual({});
    expect(Object.values(account.counters).toSorted()).toEqual([0, 12, 1_200].toSorted());
  });

  it('holds back nobody when a member was swept meanwhile', async () => {
    const process = stage.process({ grouped: true });
    const begun = await Promise.all(Array.from({ length: 12 }, () => process.begin({ key: LIMITS })));
    // Repair was there first, for one of them.
    const [swept] = begun;
    const { hold } = { hold: [...swept!.request.holds.values()][0]! };
    await stage.accounts.settle({ accountId: stage.userId, requestId: hold.requestId, additions: [], removals: [] });
    await Promise.all(begun.map((one) => process.end(one)));
    expect((await stage.account()).holds).toEqual({});
  });
});
