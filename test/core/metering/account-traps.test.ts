import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { accountKey } from '../../../layers/aws/tables/ledger-account.ts';
import { storedPlan } from '../../../layers/aws/tables/ledger-account-items.ts';
import type { LedgerAccountStore } from '../../../layers/core/metering/account-store.ts';
import { ADMISSION_MARGIN_MS, MINUTE_MARGIN_MS } from '../../../layers/core/metering/margin.ts';
import { repairAccount } from '../../../layers/core/metering/repair.ts';
import { NO_USAGE } from '../../../layers/core/metering/store.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import {
  answerLost,
  delayed,
  lost,
  startMeteringStage,
  USED,
  type MeteringStage,
} from '../../support/metering-stage.ts';

let stage: MeteringStage;
const START = Date.UTC(2026, 10, 21, 10);

beforeAll(async () => {
  stage = await startMeteringStage(START);
});
afterAll(() => stage.close());
beforeEach(() => {
  // Apart, so that no test's time slices are another's.
  stage.now += 3_600_000;
  stage.nextUser();
  stage.log.length = 0;
});

const LIMITS = { requestsPerMinute: 10, tokensPerDay: 10_000, maxConcurrent: 5 };

/** Sums of counters by measure, whatever their windows. */
async function sums(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, value] of Object.entries((await stage.account()).counters)) {
    const measure = name.split('#')[0] ?? '';
    found[measure] = (found[measure] ?? 0) + value;
  }
  return found;
}

async function eventOf(requestId: string) {
  return stage.usage.findEvent(requestId);
}

describe('an account that lacks something', () => {
  it('is made at its first use, and at the first use of a key and of a window', async () => {
    const process = stage.process();
    const begun = await process.begin({ user: { requestsPerMinute: 5 } });
    expect(begun.refused).toBeNull();
    expect(await stage.account()).toMatchObject({ createdAt: Math.floor(stage.now / 1_000), whole: true });
    await process.end(begun);
    expect((await process.begin({ user: { requestsPerMinute: 5 }, key: LIMITS })).refused).toBeNull();
    stage.now += 60_000;
    expect((await process.begin({ user: { requestsPerMinute: 5 } })).refused).toBeNull();
    expect(Object.keys((await stage.account()).counters).filter((name) => name.startsWith('req#u'))).toHaveLength(2);
  });

  it('without its map of holds is put right, and what it has stays', async () => {
    const item = { ...accountKey(stage.userId), entitlement: 3 };
    await stage.client.put({ table: stage.embedded.tables.ledger, item });
    const begun = await stage.process().begin({ key: LIMITS });
    expect(begun.refused).toBeNull();
    expect(await stage.account()).toMatchObject({ entitlement: 3, whole: true });
  });

  it('that loses its map of holds while a request is under way settles without a word, and admits again', async () => {
    const process = stage.process();
    const begun = await process.begin({ key: LIMITS });
    const key = accountKey(stage.userId);
    await stage.client.update({ table: stage.embedded.tables.ledger, key, update: 'REMOVE h' });
    await process.end(begun);
    expect((await process.begin({ key: LIMITS })).refused).toBeNull();
  });

  it('is left alone by a caller without any limit', async () => {
    const process = stage.process();
    const before = stage.embedded.calls.length;
    await process.end(await process.begin());
    const operations = stage.embedded.calls.slice(before).map(({ operation }) => operation);
    expect(operations).toEqual(['PutItem', 'UpdateItem']);
    await expect(stage.account()).rejects.toThrow('no account');
  });
});

describe('windows', () => {
  it('are those of the request id, whatever flips between admission and settlement', async () => {
    const process = stage.process();
    const begun = await process.begin({ key: LIMITS });
    const held = (await stage.account()).counters;
    stage.now += 14 * 60_000;
    await process.end(begun);
    const settled = (await stage.account()).counters;
    expect(Object.keys(settled).toSorted()).toEqual(Object.keys(held).toSorted());
    expect(await sums()).toEqual({ req: 1, tok: 100, fly: 0 });
  });

  it('hold together over processes whose clocks differ', async () => {
    const [early, late] = [stage.process({ skewMs: -40_000 }), stage.process({ skewMs: 40_000 })];
    const first = await early.begin({ key: { requestsPerMinute: 1 } });
    expect(first.refused).toBeNull();
    // Settled by a process that is already in the next minute; the first minute keeps what was used in it.
    await late.end(first);
    expect((await early.begin({ key: { requestsPerMinute: 1 } })).refused?.code).toBe('rate_limit_exceeded');
    expect((await late.begin({ key: { requestsPerMinute: 1 } })).refused).toBeNull();
    expect(await sums()).toEqual({ req: 2 });
  });

  it.each([
    ['minutes', MINUTE_MARGIN_MS, { requestsPerMinute: 1 }, { requestsPerMinute: 2 }],
    ['days', ADMISSION_MARGIN_MS, { perDay: { chat: 1 } }, { perDay: { chat: 2 } }],
  ] as const)(
    'that are old %s take a late admission as long as they are kept, and no id past the margin',
    async (_kind, marginMs, full, roomy) => {
      const process = stage.process();
      const requestId = createRequestId(stage.now);
      await process.end(await process.begin({ key: full }));
      stage.now += marginMs - 1_000;
      expect((await process.begin({ key: full, requestId })).refused?.status).toBe(429);
      stage.now += 2_000;
      expect((await process.begin({ key: roomy, requestId })).refused?.code).toBe('store_unavailable');
    },
  );

  it('of minutes do not pile up on an account that is used all the time', async () => {
    const process = stage.process();
    let most = 0;
    for (let second = 0; second < 40 * 60; second += 20) {
      await process.end(await process.begin({ key: { requestsPerMinute: 5 } }));
      stage.now += 20_000;
      most = Math.max(most, Object.keys((await stage.account()).counters).length);
    }
    expect(most).toBeLessThanOrEqual(6);
  });

  it('past retention are forgotten by settlements, so that an item does not grow in a day of requests', async () => {
    const process = stage.process();
    let largest = 0;
    for (let call = 0; call < 288; call += 1) {
      await process.end(
        await process.begin({ key: LIMITS, user: { requestsPerMinute: 60, tokensPerRoleDay: 1_000_000 } }),
      );
      stage.now += 5 * 60_000;
      largest = Math.max(largest, JSON.stringify((await stage.account()).counters).length);
    }
    expect(largest).toBeLessThan(700);
    expect(Object.keys((await stage.account()).counters).length).toBeLessThan(20);
  });

  it('of the first minute hold the first request too, however slow the store was to bring the account about', async () => {
    const read: typeof stage.accounts.read = async (...given) => {
      stage.now += 2_000;
      return stage.accounts.read(...given);
    };
    const process = stage.process({ accounts: { read } });
    const asked = { key: { requestsPerMinute: 2 } };
    await process.end(await process.begin(asked));
    await process.end(await process.begin(asked));
    expect((await process.begin(asked)).refused?.code).toBe('rate_limit_exceeded');
    const { counters } = await stage.account();
    expect(Object.entries(counters).filter(([name]) => name.startsWith('req#'))).toEqual([[expect.any(String), 2]]);
  });

  it('past retention are not brought back by a settlement that comes late', async () => {
    const process = stage.process();
    const old = await process.begin({ key: { requestsPerMinute: 5, tokensPerDay: 10_000 } });
    stage.now += ADMISSION_MARGIN_MS + 5 * 60_000;
    const next = await process.begin({ key: { requestsPerMinute: 5, tokensPerDay: 10_000 } });
    await process.end(next);
    await process.end(old, { source: 'void' });
    const account = await stage.account();
    expect(Object.keys(account.counters).filter((name) => name.startsWith('req#'))).toHaveLength(1);
    expect(account.holds).toEqual({});
  });
});

describe('amounts', () => {
  it('above the whole limit are refused before anything is written', async () => {
    const process = stage.process();
    await stage.accounts.ensure(stage.userId, Math.floor(stage.now / 1_000));
    const before = stage.embedded.calls.length;
    const { refused } = await process.begin({ key: { tokensPerDay: 120 } });
    expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(refused?.message).toContain('larger than the limit: tokens per day');
    const operations = stage.embedded.calls.slice(before).map(({ operation }) => operation);
    expect(operations).toEqual(['GetItem']);
  });

  it('are capped by a budget at what is left, and the request with them', async () => {
    const process = stage.process();
    const asked = { key: { budgetMicrosPerMonth: 400 }, demand: { clientMaxOutput: 1_000 } };
    const first = await process.begin(asked);
    expect(first.outputCap).toBe(150);
    expect(await sums()).toEqual({ usd: 400 });
    const second = await process.begin(asked);
    expect(second.refused).toMatchObject({ code: 'insufficient_quota', retryAfterSeconds: 2 });
    await process.end(first);
    expect(await sums()).toEqual({ usd: 140 });
    const third = await process.begin(asked);
    expect(third.outputCap).toBe(80);
  });

  it('that were refused by memory cost no write until something is given back', async () => {
    const process = stage.process();
    const asked = { key: { perDay: { chat: 1 } } };
    await process.end(await process.begin(asked));
    expect((await process.begin(asked)).refused?.code).toBe('daily_quota_exceeded');
    stage.now += 3_600_000;
    const before = stage.embedded.calls.length;
    const { refused } = await process.begin(asked);
    expect(refused).toMatchObject({ code: 'daily_quota_exceeded', retryAfterSeconds: expect.any(Number) });
    expect(stage.embedded.calls.length).toBe(before);
  });

  it('follow the limit of the moment: a raised one lets in what was refused', async () => {
    const process = stage.process();
    await process.end(await process.begin({ key: { perDay: { chat: 1 } } }));
    expect((await process.begin({ key: { perDay: { chat: 1 } } })).refused).not.toBeNull();
    expect((await process.begin({ key: { perDay: { chat: 2 } } })).refused).toBeNull();
  });
});

describe('a lost answer', () => {
  it('of an admission that was applied is found by one read, and the request goes on', async () => {
    const admit = answerLost(stage.accounts.admit);
    const process = stage.process({ accounts: { admit } });
    const begun = await process.begin({ key: LIMITS });
    expect(begun.refused).toBeNull();
    await process.end(begun);
    expect(await sums()).toEqual({ req: 1, tok: 100, fly: 0 });
  });

  it('of an admission that was not applied is a 503, and nothing is held', async () => {
    const process = stage.process({ accounts: { admit: () => Promise.reject(lost()) } });
    await stage.accounts.ensure(stage.userId, Math.floor(stage.now / 1_000));
    const { refused, request } = await process.begin({ key: LIMITS });
    expect(refused).toMatchObject({ status: 503, retryAfterSeconds: 1 });
    expect((await stage.account()).holds).toEqual({});
    expect(await eventOf(request.event.requestId)).toMatchObject({ phase: 'closed', closing: { source: 'void' } });
  });

  it('of an admission that lands after it was given up leaves a hold that repair gives back', async () => {
    const late = delayed(stage.accounts.admit);
    const process = stage.process({ accounts: { admit: late.call } });
    const { refused } = await process.begin({ key: LIMITS });
    expect(refused?.status).toBe(503);
    await late.arrive();
    expect(Object.keys((await stage.account()).holds)).toHaveLength(1);
    stage.now += ADMISSION_MARGIN_MS + 1;
    await stage.sweep(ADMISSION_MARGIN_MS);
    expect((await stage.account()).holds).toEqual({});
    expect((await sums())['tok']).toBe(0);
  });

  it('and a read that fails too leave nothing behind that repair does not find', async () => {
    const process = stage.process({
      accounts: {
        admit: answerLost(stage.accounts.admit),
        read: async (id, options) => {
          if (options.consistent) throw lost();
          return stage.accounts.read(id, options);
        },
      },
    });
    const { refused } = await process.begin({ key: LIMITS });
    expect(refused?.status).toBe(503);
    // The settlement of the refusal has found the hold.
    expect((await stage.account()).holds).toEqual({});
    expect(await sums()).toEqual({ req: 0, tok: 0, fly: 0 });
  });

  it('of the opening of the event is a 503, and its late arrival finds the event closed', async () => {
    const late = delayed(stage.usage.openEvent);
    const process = stage.process({ usage: { openEvent: late.call } });
    const { refused, request } = await process.begin({ key: LIMITS });
    expect(refused?.status).toBe(503);
    await late.arrive();
    expect(await eventOf(request.event.requestId)).toMatchObject({ phase: 'closed', closing: { source: 'void' } });
    expect(await sums()).toEqual({ req: 0, tok: 0, fly: 0 });
  });

  it('of the closing, and of the settlement, is asked for again and counts once', async () => {
    const process = stage.process({
      usage: { closeEvent: answerLost(stage.usage.closeEvent, 2) },
      accounts: { settle: answerLost(stage.accounts.settle, 2) },
    });
    await process.end(await process.begin({ key: LIMITS }));
    expect(await sums()).toEqual({ req: 1, tok: 100, fly: 0 });
    expect((await stage.account()).holds).toEqual({});
  });
});

describe('what a dead process leaves', () => {
  it('between its two writes: an event without its hold costs nothing', async () => {
    const process = stage.process({ accounts: { admit: () => new Promise(() => undefined) } });
    void process.begin({ key: LIMITS });
    let requestId = '';
    while (requestId === '') {
      const page = await stage.usage.listEventsOfSlice(stage.now, { limit: 5, cursor: null });
      requestId = page.items[0]?.requestId ?? '';
    }
    stage.now += ADMISSION_MARGIN_MS + 1;
    await stage.sweep(ADMISSION_MARGIN_MS);
    expect(await eventOf(requestId)).toMatchObject({ phase: 'closed', closing: { source: 'void', costMicros: 0 } });
  });

  it('between its two writes: a hold without its event is given back, and the event cannot be opened any more', async () => {
    const late = delayed(stage.usage.openEvent);
    const dead = stage.process({ usage: { openEvent: late.call, closeEvent: () => Promise.reject(lost()) } });
    const { request } = await dead.begin({ key: LIMITS });
    expect(Object.keys((await stage.account()).holds)).toHaveLength(1);
    stage.now += ADMISSION_MARGIN_MS + 1;
    const report = await stage.sweep(ADMISSION_MARGIN_MS);
    expect(report.holdsSettled).toBe(1);
    expect(await sums()).toMatchObject({ tok: 0, fly: 0 });
    await late.arrive();
    expect(await eventOf(request.event.requestId)).toMatchObject({ phase: 'closed', closing: { source: 'void' } });
  });

  it('in the middle of a request: its input is charged, once, however many repair it at once', async () => {
    const process = stage.process();
    const begun = await process.begin({ key: LIMITS, user: { tokensPerRoleDay: 5_000 } });
    stage.now += ADMISSION_MARGIN_MS + 1;
    const account = await stage.account();
    const repairs = Array.from({ length: 4 }, () => repairAccount(stage.repairDeps, account, ADMISSION_MARGIN_MS));
    const [settled] = [await Promise.all(repairs), await Promise.all([stage.sweep(), stage.sweep()])];
    expect(settled.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await eventOf(begun.request.event.requestId)).toMatchObject({
      closing: { source: 'abandoned', parts: { input: 100 }, costMicros: 100 },
    });
    expect(await sums()).toMatchObject({ tok: 200, fly: 0 });
  });

  it('between closing and settling: the hold takes the figures of the event', async () => {
    const dead = stage.process({ accounts: { settle: () => Promise.reject(lost()) } });
    await dead.end(await dead.begin({ key: LIMITS }));
    expect((await sums())['fly']).toBe(1);
    stage.now += ADMISSION_MARGIN_MS + 1;
    // The next admission sees it.
    const process = stage.process();
    const next = await process.begin({ key: LIMITS });
    while (Object.keys((await stage.account()).holds).length > 1) await new Promise((resolve) => setImmediate(resolve));
    await process.end(next);
    expect(await sums()).toMatchObject({ tok: 200, fly: 0 });
  });

  it('and comes back with figures: they are noted, cost nothing and are shouted about', async () => {
    const process = stage.process();
    const begun = await process.begin({ key: LIMITS });
    stage.now += ADMISSION_MARGIN_MS + 1;
    await stage.sweep(ADMISSION_MARGIN_MS);
    const before = await stage.account();
    await process.end(begun, USED);
    expect(await stage.account()).toEqual(before);
    expect(await eventOf(begun.request.event.requestId)).toMatchObject({
      closing: { source: 'abandoned' },
      late: { source: 'reported', costMicros: 140, parts: { ...NO_USAGE, input: 60, output: 40 } },
    });
    expect(stage.log.join('\n')).toContain('late_figures');
  });
});

describe('a plan', () => {
  const ROLE = { requestsPerMinute: 60, tokensPerRoleDay: 10_000 };

  async function redeem(
    id: string,
    change: { tokens?: number; micros?: number; lastsMs?: number } = {},
  ): Promise<void> {
    const { tokens = 500, micros = null, lastsMs = 86_400_000 } = change;
    const plan = { id, name: id, type: null, tokens, micros, expiresAt: stage.now + lastsMs };
    await stage.accounts.ensure(stage.userId, Math.floor(stage.now / 1_000));
    await stage.client.update({
      table: stage.embedded.tables.ledger,
      key: accountKey(stage.userId),
      update: 'SET #plan = :plan ADD entitlement :one',
      names: { '#plan': 'plan' },
      values: { ':plan': storedPlan(plan), ':one': 1 },
    });
  }

  it('that changes between read and write is met by one more try', async () => {
    const process = stage.process();
    await process.end(await process.begin({ user: ROLE }));
    await redeem('p1');
    const begun = await process.begin({ user: ROLE });
    expect(begun.refused).toBeNull();
    expect((await stage.account()).counters['plan#p1']).toBe(150);
  });

  it('takes the place of the role cap while it lasts, refuses by its name when used up, and ends', async () => {
    const process = stage.process();
    await redeem('p1', { tokens: 200 });
    const first = await process.begin({ user: { ...ROLE, tokensPerRoleDay: 160 } });
    await process.end(first);
    expect((await stage.account()).counters['plan#p1']).toBe(100);
    const second = await process.begin({ user: ROLE, demand: { inputTokens: 90 } });
    expect(second).toMatchObject({ refused: { code: 'insufficient_quota' } });
    expect(second.refused?.message).toContain('tokens of the plan "p1": 200');
    stage.now += 86_400_000;
    expect((await process.begin({ user: ROLE })).refused).toBeNull();
    expect(Object.keys((await stage.account()).counters)).toContain('plan#p1');
  });

  it('that is redeemed after a refusal lets the next call in, after one reading for a whole flood', async () => {
    let reads = 0;
    const read: LedgerAccountStore['read'] = (...asked) => {
      reads += 1;
      return stage.accounts.read(...asked);
    };
    const process = stage.process({ accounts: { read } });
    const user = { ...ROLE, tokensPerRoleDay: 150 };
    await process.end(await process.begin({ user }));
    expect((await process.begin({ user })).refused?.code).toBe('rate_limit_exceeded');
    await redeem('p1', { tokens: 900 });
    stage.now += 201;
    reads = 0;
    const begun = await Promise.all(Array.from({ length: 4 }, () => process.begin({ user })));
    expect(begun.map(({ refused }) => refused)).toEqual([null, null, null, null]);
    expect(reads).toBe(1);
    expect((await stage.account()).counters['plan#p1']).toBe(600);
  });

  it('of before is settled by a hold of before, whatever is in force by then; then its counter goes', async () => {
    const process = stage.process();
    await redeem('old');
    const begun = await process.begin({ user: ROLE });
    await redeem('new', { tokens: 900 });
    await process.end(await process.begin({ user: ROLE }));
    await process.end(begun);
    expect((await stage.account()).counters).toMatchObject({ 'plan#old': 100, 'plan#new': 100 });
    await process.end(await process.begin({ user: ROLE }));
    const { counters } = await stage.account();
    expect(counters['plan#old']).toBeUndefined();
    expect(counters['plan#new']).toBe(200);
  });

  it('that was extended elsewhere lets in again within seconds what was refused', async () => {
    const process = stage.process();
    await redeem('p1', { tokens: 200 });
    await process.end(await process.begin({ user: ROLE }));
    expect((await process.begin({ user: ROLE })).refused?.code).toBe('insufficient_quota');
    await redeem('p1', { tokens: 1_000 });
    stage.now += 11_000;
    expect((await process.begin({ user: ROLE })).refused).toBeNull();
  });
});
