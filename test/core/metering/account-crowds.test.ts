import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  startMeteringStage,
  type Asked,
  type Begun,
  type MeteringStage,
  type Process,
} from '../../support/metering-stage.ts';

/*
 * 300 requests at once over three processes, with room for exactly 100. Each holds 150 tokens (100 in, 50 out) and 200
 * micro-dollars.
 */

const ROOM = 100;
const CALLS = 300;
const BATCH = 60;

let stage: MeteringStage;
let processes: Process[];

beforeAll(async () => {
  stage = await startMeteringStage(Date.UTC(2026, 10, 21, 10));
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.now += 3_600_000;
  stage.nextUser();
  processes = [stage.process(), stage.process({ skewMs: 3 }), stage.process({ skewMs: 7 })];
});

async function crowd(asked: Asked): Promise<Begun[]> {
  const begun: Begun[] = [];
  for (let call = 0; call < CALLS; call += BATCH) {
    const batch = Array.from({ length: BATCH }, (_none, at) => processes[(call + at) % processes.length]!.begin(asked));
    begun.push(...(await Promise.all(batch)));
  }
  return begun;
}

const KINDS: [string, Asked, Record<string, number>, Record<string, number>][] = [
  ['requests per minute', { key: { requestsPerMinute: ROOM } }, { req: ROOM }, { req: ROOM }],
  ['tokens per day', { key: { tokensPerDay: ROOM * 150 } }, { tok: ROOM * 150 }, { tok: ROOM * 100 }],
  ['chat requests per day', { key: { perDay: { chat: ROOM } } }, { chat: ROOM }, { chat: ROOM }],
  [
    'heavy requests per day, which take chat ones too',
    { class: 'heavy', key: { perDay: { heavy: ROOM, chat: 2 * ROOM } } },
    { heavy: ROOM, chat: ROOM },
    { heavy: ROOM, chat: ROOM },
  ],
  ['a budget per month', { key: { budgetMicrosPerMonth: ROOM * 200 } }, { usd: ROOM * 200 }, { usd: ROOM * 140 }],
  ['concurrent requests', { key: { maxConcurrent: ROOM } }, { fly: ROOM }, { fly: 0 }],
  ["a role's tokens", { user: { tokensPerRoleDay: ROOM * 150 } }, { tok: ROOM * 150 }, { tok: ROOM * 100 }],
  [
    'two kinds at once, of the key and of the user',
    { key: { requestsPerMinute: ROOM }, user: { requestsPerMinute: ROOM + 7, tokensPerRoleDay: ROOM * 160 } },
    { req: 2 * ROOM, tok: ROOM * 150 },
    { req: 2 * ROOM, tok: ROOM * 100 },
  ],
  [
    'two kinds at once, the second of which is full first',
    { key: { requestsPerMinute: ROOM + 20, maxConcurrent: ROOM + 10, perDay: { chat: ROOM } } },
    { req: ROOM, fly: ROOM, chat: ROOM },
    { req: ROOM, fly: 0, chat: ROOM },
  ],
];

describe('a crowd', () => {
  it.each(KINDS)('lets in exactly as many as fit: %s', async (_kind, asked, held, settled) => {
    const begun = await crowd(asked);
    const admitted = begun.filter(({ refused }) => refused === null);
    expect(admitted.length).toBe(ROOM);
    expect(new Set(begun.map(({ refused }) => refused?.status))).toEqual(new Set([undefined, 429]));
    const full = await stage.account();
    expect(sumsOf(full.counters)).toEqual(held);
    expect(Object.keys(full.holds)).toHaveLength(ROOM);

    await Promise.all(admitted.map((one, at) => processes[at % processes.length]!.end(one)));
    const empty = await stage.account();
    expect(sumsOf(empty.counters)).toEqual(settled);
    expect(empty.holds).toEqual({});
  });

  it('never spends more than its budget when the answers are of any length that was allowed', async () => {
    const asked: Asked = { key: { budgetMicrosPerMonth: 5_000 }, demand: { clientMaxOutput: 2_000 } };
    const begun = await crowd(asked);
    const admitted = begun.filter(({ refused }) => refused === null);
    expect(admitted.length).toBeGreaterThan(0);
    for (const [at, one] of admitted.entries()) {
      const costMicros = 100 + 2 * (one.outputCap ?? 2_000);
      await processes[at % 3]!.end(one, { source: 'reported', costMicros });
    }
    const { counters } = await stage.account();
    expect(sumsOf(counters)['usd']).toBeLessThanOrEqual(5_000);
    expect(sumsOf(counters)['usd']).toBeGreaterThan(4_700);
  });
});

function sumsOf(counters: Readonly<Record<string, number>>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, value] of Object.entries(counters)) {
    const measure = name.split('#')[0] ?? '';
    sums[measure] = (sums[measure] ?? 0) + value;
  }
  return sums;
}
