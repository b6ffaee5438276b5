import { foldEvents, type Dimension, type RollUpRow } from './roll-up.ts';
import type { UsageEvent } from './store.ts';
import { passes, walkUsage, type EventLists, type UsageFilter, type UsageScope } from './usage-log.ts';

/*
 * Sums of what a filter lets through that no roll-up knows: of the events themselves, newest first, so many at most. A
 * scope's events are a list that is read from its end; nothing is searched.
 */

export interface FilteredUsage {
  /** One row of the dimension an event; `at` is when it began. */
  rows: { at: number; row: RollUpRow }[];
  /** False: there were too many events, and the oldest of the range are missing. */
  isComplete: boolean;
}

/** Some twenty pages: a second or two. */
const MOST_EVENTS = 5_000;

export async function readFilteredUsage(
  store: EventLists,
  scope: UsageScope,
  filter: UsageFilter,
  dimension: Dimension,
): Promise<FilteredUsage> {
  const rows: FilteredUsage['rows'] = [];
  let read = 0;
  // All of the scope's events count towards the bound, also those that the filter leaves out.
  for await (const event of walkUsage(store, scope, { range: filter.range, now: filter.now })) {
    read += 1;
    if (read > MOST_EVENTS) return { rows, isComplete: false };
    if (passes(event, filter, scope)) rows.push(...rowsOf(event, dimension));
  }
  return { rows, isComplete: true };
}

function rowsOf(event: UsageEvent, dimension: Dimension): FilteredUsage['rows'] {
  return [...foldEvents([event]).values()]
    .filter((row) => row.dimension === dimension)
    .map((row) => ({ at: event.startedAt, row }));
}
