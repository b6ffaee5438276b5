import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, type Demand } from '../../../layers/core/metering/decision.ts';
import { decodeHold, encodeHold } from '../../../layers/core/metering/hold-text.ts';
import { countersOfHold, settlementAdditions, settledAmount, type Hold } from '../../../layers/core/metering/holds.ts';
import { hasLimits, limitsInForce, type Limit, type ScopeLimits } from '../../../layers/core/metering/limits.ts';
import { ADMISSION_MARGIN_MS, MINUTE_MARGIN_MS } from '../../../layers/core/metering/margin.ts';
import { isMeasureLetter, keyScope, MEASURES, type MeasureLetter } from '../../../layers/core/metering/measures.ts';
import { affordableOutput, dearestMicros } from '../../../layers/core/metering/price.ts';
import { limitsOfUser } from '../../../layers/core/metering/role-limits.ts';
import { limitHeaders, refusalError } from '../../../layers/core/metering/refusals.ts';
import { voidClosing } from '../../../layers/core/metering/settlement.ts';
import { NO_USAGE } from '../../../layers/core/metering/store.ts';
import { isPastRetention, windowAt } from '../../../layers/core/metering/windows.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { PRICE } from '../../support/metering-stage.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 30);
const limitsOfRole = (role: 'user' | 'admin' | 'super_admin'): ScopeLimits =>
  limitsOfUser({ roleLimits: {}, trustFactors: [1] }, { role, trustLevel: 0 });
const GRID = { createdAt: Math.floor(Date.UTC(2026, 10, 1, 9, 0, 17) / 1_000), offsetMinutes: 0 };

function inForce(limits: ScopeLimits, change: Partial<Parameters<typeof limitsInForce>[0]> = {}): Limit[] {
  const scopes = [{ owner: 'key', scope: 'k:a', limits }] as const;
  return limitsInForce({ scopes, class: 'chat', timeMs: NOW, plan: null, grid: GRID, ...change });
}

const DEMAND: Demand = {
  inputTokens: 100,
  clientMaxOutput: 50,
  modelMaxOutput: null,
  choices: 1,
  units: 1,
  price: PRICE,
};
const UNUSED = { atLeast: () => 0, likely: () => 0 };

function used(amount: number) {
  return { atLeast: () => amount, likely: () => amount };
}

describe('windows', () => {
  it('of minutes and roles begin at the second at which the account began', () => {
    expect(new Date(windowAt('minute', NOW, GRID).endsAt).toISOString()).toBe('2026-11-21T12:01:17.000Z');
    expect(new Date(windowAt('roleDay', NOW, GRID).endsAt).toISOString()).toBe('2026-11-22T09:00:17.000Z');
    // A process whose clock is behind may ask for a time before the account.
    const early = windowAt('minute', GRID.createdAt * 1_000 - 1, GRID);
    expect(early.endsAt).toBe(GRID.createdAt * 1_000);
  });

  it('of days and months follow the offset, over the turn of the year too', () => {
    const grid = { ...GRID, offsetMinutes: 480 };
    const late = Date.UTC(2026, 11, 31, 17);
    expect(new Date(windowAt('day', late, grid).endsAt).toISOString()).toBe('2027-01-01T16:00:00.000Z');
    expect(new Date(windowAt('month', late, grid).endsAt).toISOString()).toBe('2027-01-31T16:00:00.000Z');
    expect(new Date(windowAt('month', Date.UTC(2026, 11, 31, 15), grid).endsAt).toISOString()).toBe(
      '2026-12-31T16:00:00.000Z',
    );
  });

  it('hold their instants, follow each other without gaps, and are kept longer than any id is admitted', () => {
    const kind = fc.constantFrom('minute' as const, 'roleDay' as const, 'day' as const, 'month' as const);
    const time = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
    const offset = fc.integer({ min: -720, max: 840 });
    fc.assert(
      fc.property(
        kind,
        time,
        offset,
        fc.integer({ min: 0, max: 2_000_000_000 }),
        (one, at, offsetMinutes, createdAt) => {
          const grid = { createdAt, offsetMinutes };
          const window = windowAt(one, at, grid);
          expect(window.endsAt).toBeGreaterThan(at);
          expect(windowAt(one, window.endsAt - 1, grid)).toEqual(window);
          expect(windowAt(one, window.endsAt, grid).name).not.toBe(window.name);
          const margin = one === 'minute' ? MINUTE_MARGIN_MS : ADMISSION_MARGIN_MS;
          expect(isPastRetention(`req#u#${window.name}`, window.endsAt + margin)).toBe(false);
          expect(isPastRetention(`req#u#${window.name}`, window.endsAt + 4 * 86_400_000)).toBe(true);
        },
      ),
    );
  });

  it('are what makes a counter old; what is in flight and what a plan has used never is', () => {
    for (const name of ['fly#k:a', 'plan#p1', 'planUsd#p1', 'req#u#x']) expect(isPastRetention(name, 1e15)).toBe(false);
  });
});

describe('limits in force', () => {
  it('are those that are set: absent and −1 bind nothing, 0 does', () => {
    expect(inForce({ requestsPerMinute: -1, budgetMicrosPerMonth: null, perDay: { image: 3 } })).toEqual([]);
    expect(inForce({ maxConcurrent: 0 }).map(({ counter }) => counter)).toEqual(['fly#k:a']);
    expect(hasLimits([{ owner: 'user', scope: 'u', limits: limitsOfRole('admin') }], 'chat')).toBe(false);
  });

  it('of a heavy request are heavy and chat together', () => {
    const limits = inForce({ perDay: { chat: 5, heavy: 2 } }, { class: 'heavy' });
    expect(limits.map(({ counter }) => counter.split('#')[0])).toEqual(['heavy', 'chat']);
    expect(inForce({ perDay: { chat: 5, heavy: 2 } }).map(({ letter }) => letter)).toEqual(['c']);
  });

  it('of a plan stand in for the role cap while it lasts, and bind nothing where there is no cap', () => {
    const plan = { id: 'p1', name: 'Weekly', type: null, tokens: 100, micros: 7, expiresAt: NOW + 1 };
    const scopes = [{ owner: 'user', scope: 'u', limits: limitsOfRole('user') }] as const;
    const letters = (change: object) => inForce({}, { scopes, plan, ...change }).map(({ letter }) => letter);
    expect(letters({})).toEqual(['r', 'p', 'q']);
    expect(letters({ timeMs: NOW + 1 })).toEqual(['r', 'T']);
    expect(letters({ scopes: [{ owner: 'user', scope: 'u', limits: limitsOfRole('super_admin') }] })).toEqual([]);
  });

  it('refuse in the order key, role, plan', () => {
    const scopes = [
      { owner: 'key', scope: 'k:a', limits: { requestsPerMinute: 5 } },
      { owner: 'user', scope: 'u', limits: limitsOfRole('user') },
    ] as const;
    const plan = { id: 'p1', name: 'Weekly', type: null, tokens: 100, micros: null, expiresAt: NOW + 1 };
    expect(inForce({}, { scopes, plan }).map(({ owner }) => owner)).toEqual(['key', 'user', 'plan']);
  });
});

describe('what is held', () => {
  it('is blocked by a limit of 0, whatever is asked', () => {
    expect(decide(inForce({ perDay: { chat: 0 } }), DEMAND, UNUSED)).toMatchObject({ refusal: { reason: 'blocked' } });
    expect(decide(inForce({ budgetMicrosPerMonth: 0 }), { ...DEMAND, price: null }, UNUSED).kind).toBe('refused');
  });

  it('under soft limits is the input and at most 1 000 tokens of output', () => {
    const soft = inForce({ tokensPerDay: 10_000 });
    const held = (clientMaxOutput: number | null) => {
      const decision = decide(soft, { ...DEMAND, clientMaxOutput }, UNUSED);
      return decision.kind === 'hold' ? [decision.amounts.softTokens, decision.outputCap] : null;
    };
    expect([held(50), held(90_000), held(null)]).toEqual([
      [150, null],
      [1_100, null],
      [1_100, null],
    ]);
  });

  it('under hard limits is bounded by client, model and what is left, and so is the answer', () => {
    const hard = inForce({ budgetMicrosPerMonth: 10_000 });
    const held = (change: Partial<Demand>, use = UNUSED) => {
      const decision = decide(hard, { ...DEMAND, ...change }, use);
      return decision.kind === 'hold'
        ? [decision.amounts.micros, decision.outputCap, decision.isShort]
        : decision.refusal.reason;
    };
    expect(held({})).toEqual([200, null, false]);
    expect(held({ clientMaxOutput: 9_000, modelMaxOutput: 400 })).toEqual([900, null, false]);
    expect(held({ clientMaxOutput: 9_000 })).toEqual([10_000, 4_950, true]);
    expect(held({ clientMaxOutput: 9_000, choices: 3 })).toEqual([10_000, 1_650, true]);
    // Nobody says how long the answer may become: a usual length, and the request is held to it.
    expect(held({ clientMaxOutput: null })).toEqual([8_292, 4_096, false]);
    expect(held({}, used(9_860))).toEqual([140, 20, true]);
    expect(held({}, used(9_880))).toBe('used-up');
    expect(held({ inputTokens: 20_000 })).toBe('too-large');
  });

  it('never exceeds a limit, and what an old view hides is left to the store', () => {
    const amount = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(amount, amount, fc.nat(200_000), fc.nat(200_000), amount, (limit, inputTokens, least, more, max) => {
        const limits = inForce({ budgetMicrosPerMonth: limit, tokensPerDay: limit });
        const use = { atLeast: () => least, likely: () => least + more };
        const decision = decide(limits, { ...DEMAND, inputTokens, clientMaxOutput: max }, use);
        if (decision.kind === 'refused') return;
        expect(least + decision.amounts.micros).toBeLessThanOrEqual(limit);
        expect(least + decision.amounts.softTokens).toBeLessThanOrEqual(limit);
        expect(decision.outputCap ?? 1).toBeGreaterThan(0);
      }),
    );
  });

  it('is priced at the dearest way, and what a sum buys never costs more than it', () => {
    const price = { ...PRICE, cacheWrite1hMicros: 2_000_000, reasoningMicros: 3_000_000 };
    expect(dearestMicros(10, 10, price)).toBe(50);
    expect(affordableOutput({ micros: 5, inputTokens: 1, price: null })).toBe(Infinity);
    const count = fc.nat(10_000_000);
    fc.assert(
      fc.property(count, fc.nat(1_000_000), count, count, (micros, inputTokens, inputMicros, outputMicros) => {
        const one = { ...PRICE, inputMicros, outputMicros };
        const output = affordableOutput({ micros, inputTokens, price: one });
        if (output < 0 || output === Infinity) return;
        expect(dearestMicros(inputTokens, output, one)).toBeLessThanOrEqual(micros);
      }),
    );
  });
});

describe('a hold', () => {
  const letters = Object.keys(MEASURES).filter(isMeasureLetter);
  const hold: fc.Arbitrary<Hold> = fc.record({
    accountMeasures: fc.subarray(letters),
    keyScope: fc.constant<string | null>('k:abcd2345'),
    keyMeasures: fc.subarray(letters.filter((letter) => MEASURES[letter].of === 'scope')),
    amounts: fc.record({
      softTokens: fc.nat(),
      hardTokens: fc.nat(),
      micros: fc.maxSafeNat(),
      units: fc.nat(10),
    }),
    offsetMinutes: fc.integer({ min: -720, max: 840 }),
    planId: fc.constantFrom(null, 'p1', 'plan_2-b'),
  });

  it('is read as it was written, and is short', () => {
    fc.assert(fc.property(hold, (one) => expect(decodeHold(encodeHold(one))).toEqual(one)));
    const usual: Hold = {
      accountMeasures: ['r', 'T'],
      keyScope: keyScope('key_abcdefgh23456723'),
      keyMeasures: ['r', 'f', 'm'],
      amounts: { softTokens: 1_812, hardTokens: 0, micros: 41_212, units: 0 },
      offsetMinutes: 480,
      planId: null,
    };
    expect(encodeHold(usual).length).toBeLessThanOrEqual(26);
    expect(decodeHold('rT/abcdefgh/rfm/1ec//vss//dc')).toEqual(usual);
  });

  it('and its settlement add up to what was used; a void one to nothing, whatever was added', () => {
    const closing = {
      ...voidClosing(NOW),
      source: 'reported' as const,
      costMicros: 321,
      parts: { ...NO_USAGE, input: 7 },
    };
    fc.assert(
      fc.property(hold, fc.boolean(), (one, isVoid) => {
        const placed = { requestId: createRequestId(NOW), hold: one, createdAt: GRID.createdAt };
        const figures = isVoid ? voidClosing(NOW) : closing;
        const sums = new Map<string, number>();
        const expected = new Map<string, number>();
        for (const { name, letter, held } of countersOfHold(placed)) {
          sums.set(name, (sums.get(name) ?? 0) + held);
          expected.set(name, (expected.get(name) ?? 0) + settledAmount(letter, held, figures));
        }
        for (const { name, amount } of settlementAdditions(placed, figures, NOW))
          sums.set(name, sums.get(name)! + amount);
        expect(sums).toEqual(expected);
        if (isVoid) expect(new Set(sums.values())).toEqual(new Set(sums.size > 0 ? [0] : []));
      }),
    );
  });

  it('of images is settled at those that were made', () => {
    const closing = { ...voidClosing(NOW), source: 'reported' as const, parts: { ...NO_USAGE, images: 2 } };
    expect(settledAmount('i', 4, closing)).toBe(2);
    expect(settledAmount('v', 1, closing)).toBe(1);
    expect(settledAmount('f', 1, closing)).toBe(0);
  });
});

describe('a refusal', () => {
  it.each<[ScopeLimits, string, RegExp]>([
    [{ requestsPerMinute: 5 }, 'rate_limit_exceeded', /5\. It resets at 2026-11-21T12:01:17/],
    [{ tokensPerDay: 500 }, 'rate_limit_exceeded', /tokens per day of this API key: 500/],
    [{ perDay: { chat: 3 } }, 'daily_quota_exceeded', /chat requests per day/],
    [{ budgetMicrosPerMonth: 900 }, 'insufficient_quota', /budget per month/],
    [{ maxConcurrent: 2 }, 'rate_limit_exceeded', /concurrent requests/],
  ])('of %j has the code %s, names its limit and says when to come again', (limits, code, message) => {
    const limit = inForce(limits)[0]!;
    const error = refusalError({ limit, reason: 'used-up' }, NOW);
    expect(error).toMatchObject({ status: 429, code, message: expect.stringMatching(message) });
    const seconds = limit.resetAt === null ? 2 : (limit.resetAt - NOW) / 1_000;
    expect(error.retryAfterSeconds).toBe(Math.ceil(seconds));
  });

  it('of what no time will bring says so', () => {
    const limit = inForce({ tokensPerDay: 5 })[0]!;
    expect(refusalError({ limit, reason: 'too-large' }, NOW).retryAfterSeconds).toBeUndefined();
    expect(refusalError({ limit, reason: 'blocked' }, NOW).retryAfterSeconds).toBeUndefined();
    expect(refusalError({ limit, reason: 'in-use' }, NOW).retryAfterSeconds).toBe(2);
  });

  it('and every answer tell the tightest limits', () => {
    const scopes = [
      { owner: 'key', scope: 'k:a', limits: { requestsPerMinute: 100, tokensPerDay: 5_000 } },
      { owner: 'user', scope: 'u', limits: limitsOfRole('user') },
    ] as const;
    const limits = inForce({}, { scopes });
    const headers = limitHeaders(limits, (counter) => (counter.startsWith('req#k') ? 90 : 1));
    expect(headers).toEqual({
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '10',
      'x-ratelimit-reset-requests': String(limits[0]!.resetAt),
      'x-ratelimit-limit-tokens': '5000',
      'x-ratelimit-remaining-tokens': '4999',
      'x-ratelimit-reset-tokens': String(Date.UTC(2026, 10, 22)),
    });
    expect(limitHeaders([], () => 0)).toEqual({});
  });

  it('knows every measure by a letter of its own', () => {
    const names: MeasureLetter[] = ['r', 't', 'T', 'c', 'h', 'i', 'v', 'm', 'f', 'p', 'q'];
    expect(Object.keys(MEASURES)).toEqual(names);
  });
});
