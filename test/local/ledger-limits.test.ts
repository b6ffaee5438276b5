import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chatBody, jsonOf, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { importInto, marker, until, type AdminClient } from '../support/gateway.ts';
import { createLimitedKey, type KeyLimits, type LimitedKey } from '../support/limited-key.ts';
import { countersOfKey, moveClock, ownUserId, readLedgerAccount } from '../support/ledger.ts';
import { countByStatus, createGate, createLoad, type Load, type LoadAnswer } from '../support/load.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';
import { storeCountersOf, sumUnits } from '../support/store-counters.ts';

/** Three relay processes, one ledger account: more calls than there is room for, all at once. */
const dataDirectory = temporaryDirectory('limits');
/** Noon in the time zone that days are counted in, far from every window's end. */
const CLOCK = '2031-05-06T04:00:00Z';
const ROOM = 100;
const SOCKETS = 160;
const MAX_TOKENS = 7;
/** What the fake charges: the same as is held, so that room does not come back while the calls run. */
const PRICE = { inputPerMillion: 1, outputPerMillion: 2 };

let stack: Stack;
let upstream: FakeUpstream;
let admin: AdminClient;
let load: Load;
let userId: string;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const args = ['--relays', '3', '--clock', CLOCK];
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args });
  admin = await importInto(stack.ready, {
    version: 1,
    upstreams: [{ name: 'counted', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: upstream.baseUrl }],
    credentials: [{ upstream: 'counted', name: 'only', secret: 'counted-secret' }],
    models: (['chat', 'heavy'] as const).map((name) => ({
      name: `counted-${name}`,
      class: name,
      routes: [{ upstream: 'counted', model: 'counted' }],
      price: PRICE,
    })),
  });
  userId = await ownUserId(admin);
  load = createLoad(stack.ready, SOCKETS);
}, 150_000);
afterAll(async () => {
  load?.close();
  await stack?.stop();
  await upstream?.close();
  removeDirectory(dataDirectory);
}, 60_000);

/** A body of the same length each time. */
function bodyOf(mark: string, model = 'counted-chat'): string {
  return JSON.stringify({ model, max_tokens: MAX_TOKENS, messages: [{ role: 'user', content: mark }] });
}

/** What is held for such a body (architecture.md §4): bytes / 3, and the client's own maximum. */
function heldFor(body: string): { input: number; tokens: number; micros: number } {
  const input = Math.ceil(Buffer.byteLength(body) / 3);
  return { input, tokens: input + MAX_TOKENS, micros: input + 2 * MAX_TOKENS };
}

const SAMPLE = heldFor(bodyOf(marker()));

interface Flood {
  answers: LoadAnswer[];
  /** How many of these calls the upstream saw. */
  reached: number;
  mark: string;
}

/**
 * Sends all at once. The upstream answers nobody before every call has been either refused or has reached it, so that
 * nothing is given back while there are calls that could take it.
 */
async function flood(key: LimitedKey, models: readonly string[]): Promise<Flood> {
  const mark = marker();
  const seen = upstream.requests.length;
  const reached = (): number => upstream.requests.slice(seen).filter(({ body }) => body.includes(mark)).length;
  const gate = createGate();
  let refused = 0;
  const look = (): void => {
    if (refused + reached() >= models.length) gate.open();
  };
  const usage = { prompt_tokens: SAMPLE.input, completion_tokens: MAX_TOKENS, total_tokens: SAMPLE.tokens };
  upstream.answer(() => {
    setImmediate(look);
    return [{ waitFor: gate.opened }, ...jsonOf(chatBody('Counted', usage))];
  });
  const answers = await Promise.all(
    models.map(async (model) => {
      const answer = await load.call({ secret: key.secret, body: bodyOf(mark, model) });
      if (answer.status !== 200) refused += 1;
      look();
      return answer;
    }),
  );
  await untilSettled();
  return { answers, reached: reached(), mark };
}

/** A whole answer has arrived a moment before its settlement is written. */
async function untilSettled(): Promise<void> {
  await until(async () => (await openHolds()) === 0);
}

function times(count: number, model = 'counted-chat'): string[] {
  return Array.from({ length: count }, () => model);
}

/** Puts the clock to the beginning of one of the account's minutes, a later one each time: none ends in mid-flood. */
async function moveToFreshMinute(): Promise<void> {
  const { createdAt } = await readLedgerAccount(admin, userId);
  minutes += 10;
  await moveClock(stack.ready.sandboxUrl, createdAt * 1000 + minutes * 60_000 + 500);
}
let minutes = 0;

async function expectCounters(key: LimitedKey, expected: Record<string, number>): Promise<void> {
  await untilSettled();
  const account = await readLedgerAccount(admin, userId);
  expect(account.holds).toEqual({});
  const { fly = 0, ...counters } = countersOfKey(account, key.id);
  expect(fly).toBe(0);
  expect(counters).toEqual(expected);
}

/** Every refusal names its limit, and says when to come back. */
function expectRefusals(answers: readonly LoadAnswer[], code: string, limit: RegExp): void {
  for (const { status, headers, body } of answers) {
    if (status === 200) continue;
    expect(status).toBe(429);
    const { error } = JSON.parse(body) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(limit);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
}

interface Kind {
  kind: string;
  calls: number;
  model?: string;
  limits: KeyLimits;
  /** The refusal's code, and how its message names the limit. */
  code: string;
  names: RegExp;
  counters: Record<string, number>;
}

const KINDS: Kind[] = [
  {
    kind: 'tokens a day',
    calls: 1000,
    limits: { tokensPerDay: ROOM * SAMPLE.tokens },
    code: 'rate_limit_exceeded',
    names: /tokens per day/i,
    counters: { tok: ROOM * SAMPLE.tokens },
  },
  {
    kind: 'chat calls a day',
    calls: 1000,
    limits: { perDay: { chat: ROOM } },
    code: 'daily_quota_exceeded',
    names: /chat/i,
    counters: { chat: ROOM },
  },
  {
    kind: 'requests a minute',
    calls: 1000,
    limits: { requestsPerMinute: ROOM },
    code: 'rate_limit_exceeded',
    names: /requests per minute/i,
    counters: { req: ROOM },
  },
  {
    kind: 'heavy calls a day',
    calls: 1000,
    model: 'counted-heavy',
    limits: { perDay: { heavy: ROOM, chat: 2 * ROOM } },
    code: 'daily_quota_exceeded',
    names: /heavy/i,
    counters: { heavy: ROOM, chat: ROOM },
  },
  {
    kind: 'heavy calls a day, where chat calls run out first',
    calls: 1000,
    model: 'counted-heavy',
    limits: { perDay: { heavy: 2 * ROOM, chat: ROOM } },
    code: 'daily_quota_exceeded',
    names: /chat/i,
    counters: { heavy: ROOM, chat: ROOM },
  },
  {
    kind: 'money a month',
    calls: 1000,
    limits: { budgetMicrosPerMonth: ROOM * SAMPLE.micros },
    code: 'insufficient_quota',
    names: /budget/i,
    counters: { usd: ROOM * SAMPLE.micros },
  },
  {
    kind: 'calls at once',
    calls: 1000,
    limits: { maxConcurrent: ROOM },
    code: 'rate_limit_exceeded',
    names: /concurrent/i,
    counters: {},
  },
  {
    kind: 'requests a minute and tokens a day',
    calls: 1000,
    limits: { requestsPerMinute: ROOM, tokensPerDay: ROOM * SAMPLE.tokens },
    code: 'rate_limit_exceeded',
    names: /requests per minute|tokens per day/i,
    counters: { req: ROOM, tok: ROOM * SAMPLE.tokens },
  },
  {
    kind: 'chat calls a day and, the narrower of the two, money a month',
    calls: 1000,
    limits: { perDay: { chat: 5 * ROOM }, budgetMicrosPerMonth: ROOM * SAMPLE.micros },
    code: 'insufficient_quota',
    names: /budget/i,
    counters: { chat: ROOM, usd: ROOM * SAMPLE.micros },
  },
];

describe('many calls at once and room for exactly a hundred', () => {
  test.each(KINDS)(
    '$kind: of $calls a hundred reach the upstream, the others learn why not, the counters are exact',
    async ({ kind, calls, model, limits, code, names, counters }) => {
      const key = await createLimitedKey(admin, limits);
      if (kind.includes('minute')) await moveToFreshMinute();
      const { answers, reached } = await flood(key, times(calls, model));
      expect(reached).toBe(ROOM);
      expect(countByStatus(answers)).toEqual({ 200: ROOM, 429: calls - ROOM });
      expectRefusals(answers, code, names);
      await expectCounters(key, counters);
    },
    120_000,
  );

  test('heavy and chat calls mixed: chat calls pass where heavy ones have run out, never more than both may', async () => {
    const key = await createLimitedKey(admin, { perDay: { chat: ROOM, heavy: 40 } });
    const models = times(150).flatMap((model) => [model, 'counted-heavy']);
    const { answers, reached } = await flood(key, models);
    expect(reached).toBe(ROOM);
    expect(countByStatus(answers)).toEqual({ 200: ROOM, 429: 200 });
    const heavy = answers.filter(({ status }, index) => status === 200 && models[index] === 'counted-heavy').length;
    expect(heavy).toBeLessThanOrEqual(40);
    await expectCounters(key, { chat: ROOM, heavy });
  }, 120_000);
});

describe('room that comes back', () => {
  test('when fewer tokens were used than were held is there for every process at once', async () => {
    const key = await createLimitedKey(admin, { tokensPerDay: 2 * SAMPLE.tokens });
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const gate = createGate();
    upstream.answer(() => [{ waitFor: gate.opened }, ...jsonOf(chatBody('Short', usage))]);
    const secret = key.secret;
    const held = [0, 1].map(() => load.call({ secret, body: bodyOf(marker()) }));
    await until(async () => (await openHolds()) === 2);
    // As many tries as there are processes, and more: each of them has met the limit.
    const refused = await load.parallel(6, { secret, body: bodyOf(marker()) });
    expect(countByStatus(refused)).toEqual({ 429: 6 });
    gate.open();
    expect(countByStatus(await Promise.all(held))).toEqual({ 200: 2 });
    await untilSettled();
    // A process that has not heard of it believes its last refusal for a moment, and no longer.
    let passed = held.length;
    let inTurn = 0;
    await until(async () => {
      const { status } = await load.call({ secret, body: bodyOf(marker()) });
      if (status === 200) passed += 1;
      inTurn = status === 200 ? inTurn + 1 : 0;
      return inTurn === 6;
    });
    await expectCounters(key, { tok: passed * 2 });
  });

  test('when a call of several at once has ended lets the next one in', async () => {
    const key = await createLimitedKey(admin, { maxConcurrent: 1 });
    for (let round = 0; round < 3; round += 1) {
      const { answers } = await flood(key, times(6));
      expect(countByStatus(answers)).toEqual({ 200: 1, 429: 5 });
    }
    await expectCounters(key, {});
  });

  test('with the next minute lets calls in again, and the headers had said when', async () => {
    const key = await createLimitedKey(admin, { requestsPerMinute: 3 });
    upstream.answer(jsonOf(chatBody('Now')));
    await moveToFreshMinute();
    const call = (): Promise<LoadAnswer> => load.call({ secret: key.secret, body: bodyOf(marker()) });
    const passed = [await call(), await call(), await call()];
    expect(passed.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(passed.map(({ headers }) => headers['x-ratelimit-limit-requests'])).toEqual(['3', '3', '3']);
    expect(passed.map(({ headers }) => headers['x-ratelimit-remaining-requests'])).toEqual(['2', '1', '0']);
    const { status, headers } = await call();
    expect(status).toBe(429);
    expect(headers['x-ratelimit-remaining-requests']).toBe('0');
    const { createdAt } = await readLedgerAccount(admin, userId);
    const end = (createdAt + (minutes + 1) * 60) * 1000;
    expect(Number(headers['x-ratelimit-reset-requests'])).toBe(end);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    await moveClock(stack.ready.sandboxUrl, end + 10);
    expect(await call()).toMatchObject({ status: 200 });
  });
});

describe('an amount that no window could ever hold', () => {
  test('is refused without a write', async () => {
    const key = await createLimitedKey(admin, { tokensPerDay: SAMPLE.tokens - 1 });
    const { answers, reached } = await flood(key, times(3));
    expect(reached).toBe(0);
    expect(countByStatus(answers)).toEqual({ 429: 3 });
    await expectCounters(key, {});
  });

  test('and a limit of 0 block the key; the day’s end does not help, and nobody is told to wait for it', async () => {
    const key = await createLimitedKey(admin, { perDay: { chat: 0 } });
    const { answers, reached } = await flood(key, times(3));
    expect(reached).toBe(0);
    expect(countByStatus(answers)).toEqual({ 429: 3 });
    await expectCounters(key, {});
  });
});

async function openHolds(): Promise<number> {
  return Object.keys((await readLedgerAccount(admin, userId)).holds).length;
}

interface LogReading {
  rows: string[];
  next: string | null;
  /** Read units on the ledger table. */
  units: number;
}

/** The least of several readings: a schedule may tick meanwhile, and what it reads is counted too. */
async function readLog(query: string): Promise<LogReading> {
  const counters = storeCountersOf(dataDirectory);
  const readings: LogReading[] = [];
  while (readings.length < 5) {
    await counters.reset();
    const { status, body } = await admin.call('GET', `/api/usage/logs?${query}`);
    expect(status).toBe(200);
    const units = sumUnits(await counters.read(), /ledger/i).readUnits;
    const data = body['data'] as { logs: { request_id: string }[]; pagination: { next_cursor: string | null } };
    readings.push({ rows: data.logs.map((row) => row.request_id), next: data.pagination.next_cursor, units });
  }
  return readings.reduce((least, reading) => (reading.units < least.units ? reading : least));
}

describe('a page of the usage log', () => {
  test('reads only its page, of some ten thousand rows', async () => {
    const { status } = await admin.call('POST', '/api/admin/schedules/roll-up-usage/run', {});
    expect(status).toBe(200);
    const first = await readLog('limit=20');
    const second = await readLog(`limit=20&cursor=${first.next}`);
    const farther = await readLog('limit=20&offset=40');
    const larger = await readLog('limit=200');
    expect(larger.rows.slice(0, 60)).toEqual([...first.rows, ...second.rows, ...farther.rows]);
    // Twenty rows, one to see that more follow, one of the cursor; the index and the state of the roll-ups.
    expect(second.units).toBeLessThanOrEqual(22 + 3);
    // A page without a cursor tells a total as well: from the sums of the youngest slices, and from no row.
    expect(first.units - second.units).toBeLessThanOrEqual(40);
  }, 120_000);
});
