import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createUsageStore } from '../../../layers/aws/tables/ledger.ts';
import { createRollUpStore } from '../../../layers/aws/tables/roll-ups.ts';
import { readUsage } from '../../../layers/core/metering/read-usage.ts';
import { replayUsage } from '../../../layers/core/metering/replay.ts';
import { LATE_CLOSING_MS, type RollUpStore } from '../../../layers/core/metering/roll-up-store.ts';
import { rollUpUsage } from '../../../layers/core/metering/roll-up-usage.ts';
import { foldEvents, isSameRollUp, rollUpOf, type RollUpRow } from '../../../layers/core/metering/roll-up.ts';
import { NO_USAGE, TIME_SLICE_MS, type UsageEvent, type UsageStore } from '../../../layers/core/metering/store.ts';
import { sumRows } from '../../../layers/core/metering/usage-totals.ts';
import { mapLimited } from '../../../layers/kit/async/map-limited.ts';
import { readLogPage } from '../../../layers/core/metering/usage-log.ts';
import { costMicros } from '../../../layers/core/metering/price.ts';
import type { Price } from '../../../layers/core/catalog/store.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { startFaultFront, type FaultFront } from '../../support/fault-front.ts';
import { aUsageEvent } from '../../support/usage-events.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let client: TableClient;
let usage: UsageStore;
let rollUps: RollUpStore;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  client = createSignedTableClient({
    aws: testAws({ dynamodb: front.url }),
    retries: { sleep: async () => undefined },
  });
  usage = createUsageStore(client, embedded.tables.ledger);
  rollUps = createRollUpStore(client, embedded.tables.ledger);
});
afterAll(async () => {
  await client.close();
  await front.close();
  await embedded.close();
});

const HOUR = 3600_000;
const PRICE: Price = {
  version: 1,
  inputMicros: 1_250_000,
  cacheReadMicros: 125_000,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  outputMicros: 10_000_000,
  reasoningMicros: null,
  imageMicros: null,
  audioMicros: null,
};
const PARTS = { ...NO_USAGE, input: 1_000, cacheRead: 77, output: 333 };

/** Every test in a month of its own, far ahead: the embedded service deletes what has expired by the real clock. */
let midnight = Date.parse('2100-01-01T00:00:00Z');
beforeEach(() => {
  midnight += 31 * 24 * HOUR;
});

async function store(event: UsageEvent, closedAt = event.startedAt + 100): Promise<void> {
  const { phase: _phase, closing, ...open } = event;
  await usage.openEvent(open);
  if (closing) await usage.closeEvent(event.requestId, { ...closing, closedAt }, event);
}

function priced(at: number, change: Partial<UsageEvent> = {}): UsageEvent {
  const parts = { ...PARTS, output: PARTS.output + (at % 1000) };
  return aUsageEvent(at, change, { parts, costMicros: costMicros(parts, PRICE) });
}

const log: string[] = [];
const write = (event: string): void => void log.push(event);
const findPrice = async (_model: string, version: number): Promise<Price | null> => (version === 1 ? PRICE : null);

function run(now: number, request: { from?: number } = {}) {
  return rollUpUsage(
    { store: rollUps, offsetMinutes: 0, clock: () => now, logger: { info: write, warn: write, error: write } },
    request,
  );
}

function replay(now: number, from: number, to: number) {
  return replayUsage({ store: rollUps, findPrice, clock: () => now, mayGoOn: () => true }, { from, to });
}

function manyRows(count: number): RollUpRow[] {
  return Array.from({ length: count }, (_none, index) => ({
    dimension: 'user',
    member: `usr_${index}_${Math.sin(index)}`,
    model: 'gpt-5/preview#1',
    sums: {
      requests: index,
      succeeded: 1,
      costMicros: 2 ** 40 + index,
      durationMs: 3,
      parts: { ...PARTS, input: index },
    },
  }));
}

describe('a stored roll-up', () => {
  it.each([0, 3, 40_000])('keeps every figure of %d rows, in as many items as it takes', async (count) => {
    const rollUp = rollUpOf(manyRows(count));
    const next = { rollUp, eventsUntil: midnight, isClosed: true, expiresAt: null };
    expect(await rollUps.overwrite('day', midnight + count, next, 0)).toBe(1);
    const stored = await rollUps.read('day', midnight + count);
    expect(stored).toMatchObject({ revision: 1, rowsRevision: 0, eventsUntil: midnight, isClosed: true });
    expect(isSameRollUp(stored!.rollUp, rollUp)).toBe(true);
    // The next one takes its place whole, and leaves nothing of the old one.
    expect(await rollUps.overwrite('day', midnight + count, { ...next, rollUp: rollUpOf(manyRows(5)) }, 1)).toBe(2);
    expect((await rollUps.read('day', midnight + count))?.rollUp.size).toBe(5);
    const left = await client.query({
      table: embedded.tables.ledger,
      keyCondition: '#pk = :pk',
      names: { '#pk': 'pk' },
      values: { ':pk': `rollup#day#${midnight + count}` },
    });
    expect(left.items).toHaveLength(1);
  });

  it.each(['answer-lost', 'answer-cut', 'failed-after', 'refused-before'] as const)(
    'is written once although the network did this: %s',
    async (fault) => {
      const next = { rollUp: rollUpOf(manyRows(2)), eventsUntil: null, isClosed: false, expiresAt: null };
      front.arm('PutItem', [fault]);
      expect(await rollUps.overwrite('slice', midnight, next, 0)).toBe(1);
      expect((await rollUps.read('slice', midnight))?.revision).toBe(1);
    },
  );

  it('is refused to whoever read an older one', async () => {
    const next = { rollUp: rollUpOf(manyRows(2)), eventsUntil: null, isClosed: false, expiresAt: null };
    const both = await Promise.all([1, 2].map(() => rollUps.overwrite('hour', midnight, next, 0)));
    expect(both.toSorted()).toEqual([1, null]);
    expect(await rollUps.overwrite('hour', midnight, next, 0)).toBeNull();
  });

  it('has rows that an older revision does not overwrite', async () => {
    const [row] = manyRows(1);
    const rowOf = (requests: number): RollUpRow => ({ ...row!, sums: { ...row!.sums, requests } });
    await rollUps.writeRows('day', midnight, [rowOf(2)], 2);
    await rollUps.writeRows('day', midnight, [rowOf(1)], 1);
    await rollUps.writeRows('hour', midnight, [rowOf(9)], 1);
    const read = await rollUps.readRows('user', row!.member, 'day', { from: midnight, to: midnight + 1 });
    expect(read).toEqual([{ startMs: midnight, row: rowOf(2) }]);
    expect(await rollUps.readRows('user', row!.member, 'day', { from: midnight - 1, to: midnight })).toEqual([]);
  });
});

describe('the state of the job', () => {
  it('is moved by one of two', async () => {
    const state = { closedUntil: midnight, auditedUntil: 1, begunAt: 0, offsetMinutes: 480 };
    const seen = (await rollUps.readState())?.revision ?? 0;
    const both = await Promise.all([1, 2].map(() => rollUps.writeState(state, seen)));
    expect(both.toSorted()).toEqual([false, true]);
    expect(await rollUps.readState()).toEqual({ ...state, revision: seen + 1 });
    await client.delete({ table: embedded.tables.ledger, key: { pk: 'rollup', sk: 'state' } });
  });
});

describe('a late closing', () => {
  it('comes with its mark, both or neither, and the first one stays', async () => {
    const event = priced(midnight + 1);
    const { phase: _phase, closing, ...open } = event;
    await usage.openEvent(open);
    const closedAt = midnight + TIME_SLICE_MS + LATE_CLOSING_MS;
    front.arm('TransactWriteItems', ['answer-lost']);
    const closed = await usage.closeEvent(event.requestId, { ...closing!, closedAt }, event);
    expect(closed).toEqual({ outcome: 'closed' });
    expect(await rollUps.isDirty(midnight)).toBe(true);
    expect(await rollUps.listDirty(10)).toEqual([{ requestId: event.requestId, sliceMs: midnight }]);
    const again = await usage.closeEvent(
      event.requestId,
      { ...closing!, closedAt: closedAt + 1, costMicros: 0 },
      event,
    );
    expect(again).toMatchObject({ outcome: 'already-closed', event: { closing: { closedAt } } });
    await rollUps.removeDirty({ requestId: event.requestId, sliceMs: midnight });
    expect(await rollUps.isDirty(midnight)).toBe(false);
    expect(
      (await usage.listEventsOfUser(event.userId, { from: midnight, to: midnight + 9 }, { limit: 5, cursor: null }))
        .items,
    ).toHaveLength(1);
    expect(await usage.closeEvent(priced(midnight).requestId, { ...closing!, closedAt }, event)).toEqual({
      outcome: 'not-found',
    });
  });

  it('a moment earlier needs none', async () => {
    await store(priced(midnight + 1), midnight + TIME_SLICE_MS + LATE_CLOSING_MS - 10_000);
    expect(await rollUps.isDirty(midnight)).toBe(false);
  });
});

describe('the whole way', () => {
  it('from events over a late closing and a sweep to days, totals and a replay without a difference', async () => {
    const events = Array.from({ length: 60 }, (_none, index) =>
      priced(midnight + index * 23 * 60_000 + 7, { userId: `u${index % 3}`, keyId: `k${index % 4}` }),
    );
    await Promise.all(events.map((event) => store(event)));
    const late = priced(midnight + 2 * HOUR, { userId: 'u0', keyId: 'k0' });
    await store({ ...late, phase: 'open', closing: null });
    const now = midnight + 25 * HOUR;
    await run(midnight + HOUR);
    expect(await run(now)).toMatchObject({ days: 1, drifted: 0, marks: 0 });
    await usage.closeEvent(late.requestId, { ...late.closing!, closedAt: now }, late);
    expect(await run(now)).toMatchObject({ days: 1, hours: 1, marks: 1, drifted: 0 });
    expect(await run(now)).toMatchObject({ days: 0, hours: 0, marks: 0, written: 0 });

    const all = [...events, late];
    const replayed = await replay(now, midnight, now);
    expect(replayed).toMatchObject({ events: 61, open: 0, days: 1, hours: 24, differenceCount: 0, next: null });
    for (const member of ['u0', 'u1', 'u2']) {
      const own = all.filter((event) => event.userId === member);
      const reading = await readUsage(
        { rollUps, usage },
        { dimension: 'user', member, range: { from: 0, to: now } },
        now,
      );
      expect(sumRows(reading.rows)).toEqual(sumsOf(own));
      const part = { from: midnight + HOUR + 3 * 60_000, to: midnight + 20 * HOUR + 61_000 };
      const inPart = await readUsage({ rollUps, usage }, { dimension: 'user', member, range: part }, now);
      expect(sumRows(inPart.rows)).toEqual(
        sumsOf(own.filter(({ startedAt }) => startedAt >= part.from && startedAt < part.to)),
      );
    }
    const everybody = await readUsage(
      { rollUps, usage },
      { dimension: 'key', member: null, range: { from: 0, to: now } },
      now,
    );
    expect(sumRows(everybody.rows)).toEqual(sumsOf(all));
  }, 240_000);

  it('a replay names what differs: a cost, a slice, an hour, a day, a row', async () => {
    await client.delete({ table: embedded.tables.ledger, key: { pk: 'rollup', sk: 'state' } });
    const event = priced(midnight + 10);
    const dear = aUsageEvent(midnight + 20, {}, { costMicros: 1 });
    const strange = aUsageEvent(midnight + 30, { priceVersion: 9 });
    for (const one of [event, dear, strange]) await store(one);
    await run(midnight + HOUR);
    const now = midnight + 25 * HOUR;
    await run(now);
    const kinds = async (): Promise<string[]> => {
      const { differences } = await replay(now, midnight, now);
      return [...new Set(differences.map(({ kind }) => kind))];
    };
    const { differences } = await replay(now, midnight, now);
    expect(new Map(differences.map(({ where, kind, stored, computed }) => [where, [kind, stored, computed]]))).toEqual(
      new Map([
        [dear.requestId, ['cost', '1', String(costMicros(dear.closing!.parts, PRICE))]],
        [strange.requestId, ['cost', '7', 'price unknown']],
      ]),
    );
    const spoil = async (grain: 'slice' | 'hour' | 'day'): Promise<void> => {
      const stored = await rollUps.read(grain, midnight);
      const rows = [...stored!.rollUp.values()].map((row) => ({ ...row, sums: { ...row.sums, requests: 99 } }));
      await rollUps.overwrite(
        grain,
        midnight,
        { ...stored!, rollUp: rollUpOf(rows), expiresAt: null },
        stored!.revision,
      );
    };
    await spoil('day');
    expect(await kinds()).toEqual(['cost', 'day', 'row']);
    await spoil('slice');
    expect(await kinds()).toEqual(['cost', 'slice', 'hour', 'day', 'row']);
    await run(now, { from: midnight });
    expect(await kinds()).toEqual(['cost']);
    expect(log).toContain('ledger_drift');
  }, 240_000);

  it('a page of the log reads its page and not the rest', async () => {
    await client.delete({ table: embedded.tables.ledger, key: { pk: 'rollup', sk: 'state' } });
    const events = Array.from({ length: 400 }, (_none, index) =>
      priced(midnight + index * 200_000, { userId: 'many' }),
    );
    await Promise.all(events.map((event) => store(event)));
    await run(midnight + HOUR);
    const now = midnight + 25 * HOUR;
    await run(now);
    const lists = { ...rollUps, ...usage };
    const filter = { range: { from: midnight, to: now } };
    const read = async (scope: Parameters<typeof readLogPage>[1], cursor: string | null) => {
      embedded.calls.length = 0;
      const page = await readLogPage(lists, scope, filter, { limit: 20, offset: 0, cursor });
      return {
        page,
        calls: embedded.calls.length,
        units: embedded.calls.reduce((sum, call) => sum + call.readUnits, 0),
      };
    };
    const mine = await read({ kind: 'user', userId: 'many' }, null);
    expect(mine.page.events).toHaveLength(20);
    // Two questions to the thin index and its events: some 21 of 400.
    expect(mine.calls).toBeLessThanOrEqual(4);
    expect(mine.units).toBeLessThanOrEqual(30);
    const second = await read({ kind: 'user', userId: 'many' }, mine.page.nextCursor);
    expect(second.page.events[0]?.requestId).toBe(events[379]?.requestId);
    expect(second.units).toBeLessThanOrEqual(30);
    const all = await read({ kind: 'all' }, mine.page.nextCursor);
    expect(all.page.events.map(({ requestId }) => requestId)).toEqual(
      second.page.events.map(({ requestId }) => requestId),
    );
    const { items } = await usage.listEventsOfUser('many', filter.range, { limit: 1000, cursor: null });
    expect(items).toHaveLength(400);
  }, 240_000);

  it('a far page of a crowded slice reads no more than the first, in the order of the ids, and none twice', async () => {
    await client.delete({ table: embedded.tables.ledger, key: { pk: 'rollup', sk: 'state' } });
    const begin = midnight + HOUR;
    const events = Array.from({ length: 600 }, (_none, index) => aUsageEvent(begin + Math.floor(index / 3)));
    await mapLimited(events, 16, (event) => store(event));
    const wanted = events
      .map(({ requestId }) => requestId)
      .toSorted()
      .toReversed();
    const filter = { range: { from: begin, to: begin + 60_000 } };
    const seen: string[] = [];
    const units: number[] = [];
    for (let cursor: string | null = null; seen.length < wanted.length;) {
      embedded.calls.length = 0;
      const page = await readLogPage({ ...rollUps, ...usage }, { kind: 'all' }, filter, {
        limit: 50,
        offset: 0,
        cursor,
      });
      seen.push(...page.events.map(({ requestId }) => requestId));
      units.push(embedded.calls.reduce((sum, call) => sum + call.readUnits, 0));
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect(seen).toEqual(wanted);
    // 50 events of a third of a kilobyte, and those of each partition that were read in vain.
    expect(Math.max(...units)).toBeLessThanOrEqual(50);
  }, 240_000);
});

function sumsOf(events: readonly UsageEvent[]) {
  return sumRows([...foldEvents(events).values()].filter((row) => row.dimension === 'all').map((row) => ({ row })));
}
