import * as fc from 'fast-check';
import { readLogPage, walkUsage, type EventLists, type UsageScope } from '../../../layers/core/metering/usage-log.ts';
import type { UsageEvent } from '../../../layers/core/metering/store.ts';
import { createMemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';

const RANGE = { from: 0, to: 1_000_000 };
const USERS = ['u1', 'u2', 'u3'];
const ALL: UsageScope = { kind: 'all' };

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

function listsOf(events: UsageEvent[]): EventLists {
  const usage = createMemoryUsageStore(events);
  return { ...createMemoryRollUpStore(usage.rows), ...usage };
}

async function collect(events: AsyncIterable<UsageEvent>): Promise<UsageEvent[]> {
  const collected: UsageEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

describe('the usage log', () => {
  it('of several users is every event once, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const walked = await collect(walkUsage(listsOf(events), ALL, { range: RANGE }));
        expect(idsOf(walked)).toEqual(newestFirst(events));
      }),
      { numRuns: 40 },
    );
  });

  it('leaves out what has expired, though it is still stored', async () => {
    const events = [1, 2, 3, 4].map((at) => ({ ...aUsageEvent(at), expiresAt: at * 1_000 }));
    const page = await readLogPage(
      listsOf(events),
      ALL,
      { range: RANGE, now: 2_000 },
      { limit: 1, offset: 0, cursor: null },
    );
    const rest = await readLogPage(
      listsOf(events),
      ALL,
      { range: RANGE, now: 2_000 },
      { limit: 9, offset: 0, cursor: page.nextCursor },
    );
    expect(idsOf([...page.events, ...rest.events])).toEqual(newestFirst(events.slice(2)));
  });

  it('read page after page by cursor is the same list, whatever the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 200 }), async (events, limit) => {
        const store = listsOf(events);
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Awaited<ReturnType<typeof readLogPage>> = await readLogPage(
            store,
            ALL,
            { range: RANGE },
            { limit, offset: 0, cursor },
          );
          seen.push(...idsOf(page.events));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual(newestFirst(events));
      }),
      { numRuns: 40 },
    );
  });

  it('read by offset is a window of the same list', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        async (events, offset, limit) => {
          const page = await readLogPage(
            listsOf(events),
            ALL,
            { range: RANGE, success: true },
            { limit, offset, cursor: null },
          );
          const matching = events.filter((event) => event.closing?.error === null);
          expect(idsOf(page.events)).toEqual(newestFirst(matching).slice(offset, offset + limit));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves out open events, other keys and, where asked, other users of a key', async () => {
    const store = listsOf([
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
  });
});
