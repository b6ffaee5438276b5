import { foldEvents, type Dimension, type RollUpRow } from './roll-up.ts';
import type { UsageEvent } from './store.ts';
import { passes, walkUsage, type EventLists, type UsageFilter, type UsageScope } from './usage-log.ts';

/*
 * Sums of what a filter lets through that no roll-up knows: of the events themselves, newest first, so many at most. A
 * scope's events are a list that is read from its end; nothing is searched.
 */

export interface FilteredEvents {
  events: UsageEvent[];
  /** False: there were too many events, and the oldest of the range are missing. */
  isComplete: boolean;
}

/** Some fifty pages: a second or two. */
const MOST_EVENTS = 5_000;

/** What the scope's last events hold that passes. Those that do not pass count towards the bound too. */
export async function readFilteredEvents(
  store: EventLists,
  scope: UsageScope,
  filter: UsageFilter,
): Promise<FilteredEvents> {
  const events: UsageEvent[] = [];
  let read = 0;
  for await (const event of walkUsage(store, scope, { range: filter.range, now: filter.now })) {
    read += 1;
    if (read > MOST_EVENTS) return { events, isComplete: false };
    if (passes(event, filter, scope)) events.push(event);
  }
  return { events, isComplete: true };
}

/** One row of the dimension an event; `at` is when it began. */
export function rowsOfEvents(events: readonly UsageEvent[], dimension: Dimension): { at: number; row: RollUpRow }[] {
  return events.flatMap((event) =>
    [...foldEvents([event]).values()]
      .filter((row) => row.dimension === dimension)
      .map((row) => ({ at: event.startedAt, row })),
  );
}
