import { beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { readUsage } from '../../../layers/core/metering/read-usage.ts';
import { LIVE_MS, type RollUpStore } from '../../../layers/core/metering/roll-up-store.ts';
import { rollUpUsage, type RollUpReport } from '../../../layers/core/metering/roll-up-usage.ts';
import { foldEvents, isSameRollUp, type RollUp } from '../../../layers/core/metering/roll-up.ts';
import { TIME_SLICE_MS, type UsageEvent } from '../../../layers/core/metering/store.ts';
import { sumRows } from '../../../layers/core/metering/usage-totals.ts';
import { createMemoryRollUpStore, type MemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import { createMemoryUsageStore, type MemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.parse('2026-03-02T00:00:00Z');

let now: number;
let usage: MemoryUsageStore;
let rollUps: MemoryRollUpStore;
let log: string[];
beforeEach(() => {
  now = MIDNIGHT + 13 * HOUR;
  log = [];
  setEvents([]);
});

function setEvents(events: UsageEvent[]): void {
  usage = createMemoryUsageStore(events);
  rollUps = createMemoryRollUpStore(usage.rows);
}

const write = (event: string): void => void log.push(event);

function run(store: RollUpStore = rollUps, request: { from?: number } = {}): Promise<RollUpReport> {
  return rollUpUsage(
    { store, offsetMinutes: 0, clock: () => now, logger: { info: write, warn: write, error: write } },
    request,
  );
}

/** What readers see of everything, without the events' help: closed roll-ups only. */
function closedSums(): { requests: number; costMicros: number } {
  const day = [...rollUps.rows.values()].filter(({ grain, row }) => grain === 'day' && row.dimension === 'all');
  const { requests, costMicros } = sumRows(day);
  return { requests, costMicros };
}

async function expectExact(): Promise<void> {
  const events = [...usage.rows.values()];
  const closedUntil = rollUps.state?.closedUntil ?? 0;
  for (const [name, stored] of rollUps.stored) {
    const [grain = '', start = ''] = name.split(' ');
    const lengthMs = { slice: TIME_SLICE_MS, hour: HOUR, day: DAY }[grain] ?? 0;
    const end = Number(start) + lengthMs;
    if (end > closedUntil) continue;
    const own = events.filter((event) => event.startedAt >= Number(start) && event.startedAt < end);
    expect([name, isSameRollUp(stored.rollUp, foldEvents(own))]).toEqual([name, true]);
    if (grain !== 'slice')
      expect([name, isSameRollUp(rowsOf(grain, Number(start)), stored.rollUp)]).toEqual([name, true]);
  }
  const questions = [
    { dimension: 'all', member: '' },
    { dimension: 'user', member: 'usr_user' },
    { dimension: 'key', member: 'key_a' },
  ] as const;
  for (const question of questions) {
    const reading = await readUsage({ rollUps, usage }, { ...question, range: { from: 0, to: now } }, now);
    const own = events.filter(
      (event) =>
        question.dimension === 'all' ||
        (question.dimension === 'user' ? event.userId : event.keyId) === question.member,
    );
    expect([question.dimension, sumRows(reading.rows)]).toEqual([
      question.dimension,
      sumRows([...foldEvents(own).values()].filter((row) => row.dimension === 'all').map((row) => ({ row }))),
    ]);
  }
}

function rowsOf(grain: string, startMs: number): RollUp {
  const rows = [...rollUps.rows.values()].filter((one) => one.grain === grain && one.startMs === startMs);
  return new Map(rows.map(({ row }) => [`${row.dimension}\n${row.member}\n${row.model}`, row]));
}

/** A day and a half in which somebody asks now and then. */
function someEvents(): UsageEvent[] {
  return Array.from({ length: 40 }, (_none, index) =>
    aUsageEvent(MIDNIGHT + index * 19 * 60_000, {
      userId: index % 3 === 0 ? 'usr_other' : 'usr_user',
      keyId: index % 4 === 0 ? 'key_b' : 'key_a',
      model: index % 5 === 0 ? 'b' : 'a',
    }),
  );
}

describe('roll-up-usage', () => {
  it('begins with the day, catches up, and then does only what is new', async () => {
    setEvents(someEvents());
    expect(await run()).toMatchObject({ drifted: 0, hours: 12, days: 0, more: false });
    await expectExact();
    const again = await run();
    expect([again.written, again.hours, again.days]).toEqual([0, 0, 0]);
    now += DAY;
    expect(await run()).toMatchObject({ days: 1, drifted: 0 });
    await expectExact();
  });

  it('goes on where it stopped when there is more than one run does', async () => {
    await run();
    now += 4 * DAY;
    const reports = [await run(), await run()];
    expect(reports.map(({ more }) => more)).toEqual([true, false]);
    await expectExact();
  });

  it('shows a request at once, before any run and between two', async () => {
    setEvents([1, 7, 30].map((minutes) => aUsageEvent(now - minutes * 60_000)));
    await expectExact();
    await run();
    usage.rows.set('now', aUsageEvent(now - 1));
    await expectExact();
  });

  it('sums up a late closing by its mark, however long the slice has been closed', async () => {
    const late = aUsageEvent(MIDNIGHT + 3 * HOUR, { model: 'late' });
    setEvents([...someEvents(), { ...late, phase: 'open', closing: null }]);
    await run();
    now += 2 * DAY;
    await run();
    const before = closedSums();
    usage.rows.set(late.requestId, late);
    rollUps.dirty.add(late.requestId);
    expect(await run()).toMatchObject({ marks: 1, drifted: 0, hours: 1, days: 1 });
    expect(closedSums().requests).toBe(before.requests + 1);
    expect(rollUps.dirty.size).toBe(0);
    await expectExact();
  });

  it('keeps a mark whose closing it has not seen', async () => {
    const late = aUsageEvent(MIDNIGHT + HOUR);
    setEvents([{ ...late, phase: 'open', closing: null }]);
    await run();
    rollUps.dirty.add(late.requestId);
    expect((await run()).marks).toBe(0);
    expect(rollUps.dirty.size).toBe(1);
    usage.rows.set(late.requestId, late);
    expect((await run()).marks).toBe(1);
    await expectExact();
  });

  it('finds within a day what was changed without a mark, says so and puts it right', async () => {
    setEvents(someEvents());
    await run();
    now += DAY;
    await run();
    const [hidden] = someEvents().slice(20);
    if (!hidden) throw new Error('no event');
    const changed = { ...hidden, requestId: createRequestId(hidden.startedAt) };
    usage.rows.set(changed.requestId, changed);
    let drifted = 0;
    for (let hour = 0; hour < 26; hour += 1) {
      now += HOUR;
      drifted += (await run()).drifted;
    }
    expect([drifted, log.filter((event) => event === 'ledger_drift').length]).toEqual([1, 1]);
    await expectExact();
  });

  it('never makes sums smaller because events have expired', async () => {
    const expiring = someEvents().map((event) => ({ ...event, expiresAt: event.startedAt + 7 * DAY }));
    setEvents(expiring);
    await run();
    now += DAY;
    await run();
    const before = closedSums();
    expect(before.requests).toBe(expiring.length);
    now += 7 * DAY;
    usage.rows.clear();
    for (let round = 0; round < 80; round += 1) await run();
    await run(rollUps, { from: MIDNIGHT });
    for (let round = 0; round < 5; round += 1) await run();
    expect(closedSums()).toEqual(before);
    expect(log).not.toContain('ledger_drift');
    const life = await readUsage(
      { rollUps, usage },
      { dimension: 'user', member: 'usr_user', range: { from: 0, to: now } },
      now,
    );
    expect(sumRows(life.rows).requests).toBe(expiring.filter((event) => event.userId === 'usr_user').length);
  });

  it('computes a period again on demand, and comes to the same', async () => {
    setEvents(someEvents());
    await run();
    now += DAY;
    await run();
    const before = closedSums();
    expect(before.requests).toBe(someEvents().length);
    const slice = [...rollUps.stored].find(([name, one]) => name.startsWith('slice') && one.rollUp.size > 0);
    rollUps.stored.set(slice?.[0] ?? '', { ...slice![1], rollUp: new Map() });
    expect(await run(rollUps, { from: MIDNIGHT + 5 * HOUR })).toMatchObject({ drifted: 1 });
    expect(closedSums()).toEqual(before);
    await expectExact();
  });

  it('closes no slice that may still see a closing in time', async () => {
    await run();
    expect(rollUps.state?.closedUntil).toBeLessThanOrEqual(now - LIVE_MS);
    expect(rollUps.state?.closedUntil).toBeGreaterThan(now - LIVE_MS - TIME_SLICE_MS);
  });
});

/** Each call of a store is a step; what happens before and after it is decided by `at`. */
function stepping(
  store: RollUpStore,
  at: (step: number, phase: 'before' | 'after') => Promise<void> | void,
): RollUpStore {
  let step = 0;
  const around = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const own = (step += 1);
    await at(own, 'before');
    const result = await call();
    await at(own, 'after');
    return result;
  };
  return {
    readState: () => around(() => store.readState()),
    writeState: (...given) => around(() => store.writeState(...given)),
    async *readSliceEvents(slice) {
      for await (const page of store.readSliceEvents(slice)) {
        await around(async () => undefined);
        yield page;
      }
    },
    walkSliceDown: (...given) => store.walkSliceDown(...given),
    read: (...given) => around(() => store.read(...given)),
    overwrite: (...given) => around(() => store.overwrite(...given)),
    async writeRows(grain, startMs, rows, revision) {
      for (const row of rows) await around(() => store.writeRows(grain, startMs, [row], revision));
    },
    confirmRows: (...given) => around(() => store.confirmRows(...given)),
    readRows: (...given) => around(() => store.readRows(...given)),
    listDirty: (...given) => around(() => store.listDirty(...given)),
    isDirty: (...given) => around(() => store.isDirty(...given)),
    removeDirty: (...given) => around(() => store.removeDirty(...given)),
  };
}

/** A gateway in the middle of its life: a day is about to close, one event came late, one slice is live. */
async function prepareBusyMoment(): Promise<void> {
  now = MIDNIGHT + HOUR;
  const late = aUsageEvent(MIDNIGHT + 2 * HOUR, { model: 'late' });
  setEvents([...someEvents(), { ...late, phase: 'open', closing: null }]);
  await run();
  now = MIDNIGHT + DAY + LIVE_MS - 2 * TIME_SLICE_MS;
  await run();
  now += 3 * TIME_SLICE_MS;
  usage.rows.set('fresh', aUsageEvent(now - 1000));
  usage.rows.set('last', aUsageEvent(MIDNIGHT + DAY - 1000));
  usage.rows.set(late.requestId, late);
  rollUps.dirty.add(late.requestId);
}

interface Moment {
  now: number;
  events: Map<string, UsageEvent>;
  kept: Pick<MemoryRollUpStore, 'state' | 'stored' | 'rows' | 'dirty'>;
}

async function takeBusyMoment(): Promise<Moment> {
  await prepareBusyMoment();
  const { state, stored, rows, dirty } = rollUps;
  return { now, events: usage.rows, kept: { state, stored, rows, dirty } };
}

function goBackTo(moment: Moment): void {
  now = moment.now;
  usage.rows.clear();
  for (const [id, event] of moment.events) usage.rows.set(id, event);
  Object.assign(rollUps, structuredClone(moment.kept));
}

/** Every call takes a minute; without SLUICE_SCALE=1 it is every fourth, the rows of one roll-up being all alike. */
const STRIDE = process.env['SLUICE_SCALE'] === '1' ? 1 : 4;

describe('roll-up-usage, interrupted', () => {
  it('at any call, before it or after it, comes to the exact figures in the next run', async () => {
    const moment = await takeBusyMoment();
    setEvents([]);
    goBackTo(moment);
    let steps = 0;
    await run(stepping(rollUps, (step) => void (steps = step)));
    await expectExact();
    expect(steps).toBeGreaterThan(100);
    for (let killedAt = 1; killedAt <= steps; killedAt += STRIDE) {
      const phase = Math.floor(killedAt / STRIDE) % 2 === 0 ? 'before' : 'after';
      goBackTo(moment);
      let isDead = false;
      const dying = stepping(rollUps, (step, when) => {
        isDead ||= step === killedAt && when === phase;
        // Nothing that the dead process still has under way is ever sent.
        if (isDead) throw new Error('killed');
      });
      await expect(run(dying)).rejects.toThrow('killed');
      await run();
      await expectExact();
      expect(rollUps.dirty.size).toBe(0);
      expect(log).not.toContain('ledger_drift');
    }
  }, 120_000);

  it('at any call by a late closing and a whole other run, comes to the exact figures', async () => {
    const moment = await takeBusyMoment();
    const another = aUsageEvent(MIDNIGHT + 2 * HOUR + 1000, { model: 'another' });
    moment.events.set(another.requestId, { ...another, phase: 'open', closing: null });
    setEvents([]);
    goBackTo(moment);
    let steps = 0;
    await run(stepping(rollUps, (step) => void (steps = step)));
    for (let at = 1; at <= steps; at += STRIDE) {
      goBackTo(moment);
      const interrupted = stepping(rollUps, async (step, when) => {
        if (step !== at || when === 'after') return;
        usage.rows.set(another.requestId, another);
        rollUps.dirty.add(another.requestId);
        await run();
      });
      await run(interrupted);
      await run();
      await expectExact();
      expect(rollUps.dirty.size).toBe(0);
      expect(log).not.toContain('ledger_drift');
    }
  }, 120_000);

  it('by another run, and by closings in between, comes to the exact figures', async () => {
    const moment = await takeBusyMoment();
    setEvents([]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 60, maxLength: 200 }), async (pauses) => {
        goBackTo(moment);
        const another = aUsageEvent(MIDNIGHT + 4 * HOUR, { model: 'another' });
        usage.rows.set(another.requestId, { ...another, phase: 'open', closing: null });
        let waits = 0;
        const paused = async (): Promise<void> => {
          const turns = pauses[(waits += 1) % pauses.length] ?? 0;
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          if (waits === pauses[0]! * 10) {
            // One step, as the transaction is.
            usage.rows.set(another.requestId, another);
            rollUps.dirty.add(another.requestId);
          }
        };
        await Promise.all([
          run(stepping(rollUps, paused)),
          run(stepping(rollUps, paused)),
          run(stepping(rollUps, paused)),
        ]);
        await run();
        await run();
        if (usage.rows.get(another.requestId)?.phase === 'closed') expect(rollUps.dirty.size).toBe(0);
        await expectExact();
        expect(log).not.toContain('ledger_drift');
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});
