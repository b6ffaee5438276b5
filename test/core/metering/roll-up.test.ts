import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  createGrid,
  differingRows,
  EMPTY_ROLL_UP,
  foldEvents,
  GRAIN_MS,
  isSameRollUp,
  overwriting,
  rollUpOf,
  sumRollUps,
  type RollUp,
} from '../../../layers/core/metering/roll-up.ts';
import { NO_USAGE, type UsageEvent } from '../../../layers/core/metering/store.ts';
import { aUsageEvent } from '../../support/usage-events.ts';

const count = fc.integer({ min: 0, max: 1e9 });
const anEvent: fc.Arbitrary<UsageEvent> = fc
  .record({
    at: fc.integer({ min: 0, max: 3 * GRAIN_MS.day }),
    userId: fc.constantFrom('u1', 'u2', 'u3'),
    keyId: fc.constantFrom('k1', 'k2', 'k3', 'k4'),
    model: fc.constantFrom('a', 'b', 'models/c#1'),
    credential: fc.constantFrom(null, 'one', 'two'),
    isOpen: fc.boolean(),
    isFailed: fc.boolean(),
    costMicros: count,
    input: count,
    output: count,
  })
  .map((given) => {
    const { at, userId, keyId, model, isOpen, isFailed, credential, costMicros, input, output } = given;
    const event = aUsageEvent(
      at,
      { userId, keyId, model },
      {
        costMicros,
        credential,
        parts: { ...NO_USAGE, input, output },
        ...(isFailed && { status: 502, error: 'upstream_error' }),
      },
    );
    return isOpen ? { ...event, phase: 'open', closing: null } : event;
  });
const history = fc.array(anEvent, { maxLength: 60 });

const plain = (rollUp: RollUp): object => Object.fromEntries([...rollUp].toSorted());
const total = (rollUp: RollUp, dimension: string): number =>
  [...rollUp.values()].reduce((sum, row) => sum + (row.dimension === dimension ? row.sums.costMicros : 0), 0);

describe('a roll-up', () => {
  it('is the same whatever way its events are split into pages and whatever order they come in', () => {
    fc.assert(
      fc.property(history, fc.array(fc.integer({ min: 0, max: 6 })), fc.integer(), (events, pages, seed) => {
        const shuffled = events.toSorted((left, right) => hash(left.requestId, seed) - hash(right.requestId, seed));
        const parts: UsageEvent[][] = Array.from({ length: 7 }, () => []);
        shuffled.forEach((event, index) => parts[pages[index] ?? 0]?.push(event));
        expect(plain(sumRollUps(parts.map(foldEvents)))).toEqual(plain(foldEvents(events)));
      }),
    );
  });

  it('adds up to the same cost and count by user and by key as of everything', () => {
    fc.assert(
      fc.property(history, (events) => {
        const rollUp = foldEvents(events);
        const cost = events.reduce((sum, event) => sum + (event.closing?.costMicros ?? 0), 0);
        expect(['all', 'user', 'key'].map((dimension) => total(rollUp, dimension))).toEqual([cost, cost, cost]);
        expect(total(rollUp, 'credential')).toBeLessThanOrEqual(cost);
      }),
    );
  });

  it('of a day is the same from its slices, its hours and its events, whatever the time zone', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: -720, max: 840 }), (events, offsetMinutes) => {
        const grid = createGrid(offsetMinutes);
        const by = (grain: 'slice' | 'hour' | 'day', list: UsageEvent[]) =>
          Map.groupBy(list, (event) => grid.startOf(grain, event.startedAt));
        for (const [day, ofDay] of by('day', events)) {
          const hours = grid.partsOf('day', day).starts.map((hour) => {
            const ofHour = by('hour', ofDay).get(hour) ?? [];
            const slices = grid.partsOf('hour', hour).starts;
            return sumRollUps(slices.map((slice) => foldEvents(by('slice', ofHour).get(slice) ?? [])));
          });
          expect(plain(sumRollUps(hours))).toEqual(plain(foldEvents(ofDay)));
        }
      }),
    );
  });

  it('counts nothing of what is still open, and a refused request without cost', () => {
    const open: UsageEvent = { ...aUsageEvent(1), phase: 'open', closing: null };
    expect(foldEvents([open]).size).toBe(0);
    const refused = aUsageEvent(1, {}, { status: 429, error: 'insufficient_quota', costMicros: 0, parts: NO_USAGE });
    const [row] = foldEvents([refused]).values();
    expect(row?.sums).toMatchObject({ requests: 1, succeeded: 0, costMicros: 0 });
  });

  it('summing leaves its parts as they were', () => {
    const part = foldEvents([aUsageEvent(1)]);
    const before = structuredClone(plain(part));
    sumRollUps([part, part, part]);
    expect(plain(part)).toEqual(before);
  });

  it('from before programs and languages were counted is no different for what it does not say of them', () => {
    const computed = foldEvents([aUsageEvent(1)]);
    const old = rollUpOf(
      [...computed.values()].filter(({ dimension }) => dimension !== 'app' && dimension !== 'format'),
    );
    expect(isSameRollUp(old, computed)).toBe(true);
    expect(isSameRollUp(old, foldEvents([aUsageEvent(1, {}, { costMicros: 8 })]))).toBe(false);
    expect(isSameRollUp(computed, EMPTY_ROLL_UP)).toBe(false);
    expect(isSameRollUp(EMPTY_ROLL_UP, computed)).toBe(false);
  });

  it('differs from another exactly in the rows that differ; a row of nothing is none', () => {
    const one = foldEvents([aUsageEvent(1, { model: 'a' }), aUsageEvent(1, { model: 'b' })]);
    const other = foldEvents([aUsageEvent(1, { model: 'a' }), aUsageEvent(1, { model: 'b' }, { costMicros: 8 })]);
    expect(differingRows(one, other).map(({ name }) => name.split('\n')[2])).toEqual(Array(6).fill('b'));
    const emptied = overwriting(one, EMPTY_ROLL_UP);
    expect([emptied.size, isSameRollUp(emptied, EMPTY_ROLL_UP)]).toEqual([one.size, true]);
    expect(isSameRollUp(overwriting(one, other), other)).toBe(true);
    expect(plain(rollUpOf(one.values()))).toEqual(plain(one));
  });
});

function hash(text: string, seed: number): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, seed);
}
