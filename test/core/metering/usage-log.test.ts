import * as fc from 'fast-check';
import { readLogPage, walkUsage, type UsageScope } from '../../../layers/core/metering/usage-log.ts';
import { sumUsage } from '../../../layers/core/metering/usage-totals.ts';
import type { UsageEvent } from '../../../layers/core/metering/store.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';

const RANGE = { from: 0, to: 1_000_000 };
const USERS = ['u1', 'u2', 'u3'];
const ALL: UsageScope = { kind: 'users', userIds: USERS };

const history = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 400 }), user: fc.constantFrom(...USERS), ok: fc.boolean() }), {
    maxLength: 350,
  })
  .map((rows) =>
    rows.map(({ at, user, ok }) =>
      aUsageEvent(at, { userId: user }, ok ? {} : { error: 'upstream_error', status: 502 }),
    ),
  );

const idsOf = (events: readonly UsageEvent[]): string[] => events.map((event) => event.requestId);
const newestFirst = (events: readonly UsageEvent[]): string[] => idsOf(events).toSorted().toReversed();

async function collect(events: AsyncIterable<UsageEvent>): Promise<UsageEvent[]> {
  const collected: UsageEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

describe('the usage log', () => {
  it('of several users is every event once, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const walked = await collect(walkUsage(createMemoryUsageStore(events), ALL, { range: RANGE }));
        expect(idsOf(walked)).toEqual(newestFirst(events));
      }),
      { numRuns: 40 },
    );
  });

  it('read page after page by cursor is the same list, whatever the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 200 }), async (events, limit) => {
        const store = createMemoryUsageStore(events);
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Awaited<ReturnType<typeof readLogPage>> = await readLogPage(
            store,
            ALL,
            { range: RANGE },
            { limit, offset: 0, cursor, maxCount: 1000 },
          );
          seen.push(...idsOf(page.events));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual(newestFirst(events));
      }),
      { numRuns: 40 },
    );
  });

  it('read by offset is a window of the same list, with an exact count of what matches', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        async (events, offset, limit) => {
          const page = await readLogPage(
            createMemoryUsageStore(events),
            ALL,
            { range: RANGE, success: true },
            { limit, offset, cursor: null, maxCount: 1000 },
          );
          const matching = events.filter((event) => event.closing?.error === null);
          expect(idsOf(page.events)).toEqual(newestFirst(matching).slice(offset, offset + limit));
          expect([page.total, page.totalIsExact]).toEqual([matching.length, true]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('stops counting at the bound and says that there is more', async () => {
    const events = Array.from({ length: 30 }, (_, at) => aUsageEvent(at, { userId: 'u1' }));
    const page = await readLogPage(
      createMemoryUsageStore(events),
      ALL,
      { range: RANGE },
      { limit: 5, offset: 0, cursor: null, maxCount: 10 },
    );
    expect([page.events.length, page.total, page.totalIsExact]).toEqual([5, 11, false]);
  });

  it('leaves out open events, other keys and, where asked, other users of a key', async () => {
    const store = createMemoryUsageStore([
      aUsageEvent(1, { userId: 'u1', keyId: 'k1' }),
      aUsageEvent(2, { userId: 'u2', keyId: 'k1' }),
      aUsageEvent(3, { userId: 'u1', keyId: 'k2' }),
      { ...aUsageEvent(4, { userId: 'u1', keyId: 'k1' }), phase: 'open', closing: null },
    ]);
    const times = async (scope: UsageScope) =>
      (await collect(walkUsage(store, scope, { range: RANGE }))).map((event) => event.startedAt);
    expect(await times({ kind: 'key', keyId: 'k1', userId: null })).toEqual([2, 1]);
    expect(await times({ kind: 'key', keyId: 'k1', userId: 'u1' })).toEqual([1]);
    expect(await times({ kind: 'user', userId: 'u1' })).toEqual([3, 1]);
    expect(await times({ kind: 'users', userIds: [] })).toEqual([]);
  });
});

describe('the sums of usage', () => {
  it('of all users are the sums of each user', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const store = createMemoryUsageStore(events);
        const all = await sumUsage(store, ALL, { range: RANGE });
        const each = await Promise.all(
          USERS.map((userId) => sumUsage(store, { kind: 'user', userId }, { range: RANGE })),
        );
        expect(all.requests).toBe(events.length);
        expect(each.reduce((sum, totals) => sum + totals.costMicros, 0)).toBe(all.costMicros);
        expect(all.byModel.get('gpt-5')?.totalTokens ?? 0).toBe(events.length * 18);
      }),
      { numRuns: 20 },
    );
  });
});
