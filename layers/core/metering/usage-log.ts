import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import type { Page, PageRequest } from '../identity/store.ts';
import type { UsageEvent, UsageStore } from './store.ts';

/** Milliseconds since the epoch; `to` exclusive. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface UsageFilter {
  range: TimeRange;
  model?: string | undefined;
  success?: boolean | undefined;
}

/** Whose events: a user's, one key's (of one user, where the caller may see no other), or those of several users. */
export type UsageScope =
  | { kind: 'user'; userId: string }
  | { kind: 'key'; keyId: string; userId: string | null }
  | { kind: 'users'; userIds: readonly string[] };

type EventLists = Pick<UsageStore, 'listEventsOfUser' | 'listEventsOfKey'>;

const PAGE = 100;

/** Closed events of a scope that pass the filter, newest first, read as they are asked for. */
export function walkUsage(store: EventLists, scope: UsageScope, filter: UsageFilter): AsyncGenerator<UsageEvent> {
  return keep(walkScope(store, scope, filter.range), filter, scope);
}

interface LogPage {
  events: UsageEvent[];
  /** Request id of the last event when more follow; null at the end. */
  nextCursor: string | null;
  /** Matching events; null when a cursor was given. Counting stops at `maxCount`. */
  total: number | null;
  totalIsExact: boolean;
}

/** One page by offset (with a count) or behind a cursor (without one). */
export async function readLogPage(
  store: EventLists,
  scope: UsageScope,
  filter: UsageFilter,
  page: { limit: number; offset: number; cursor: string | null; maxCount: number },
): Promise<LogPage> {
  const { cursor, limit } = page;
  const before = cursor === null ? null : timeOfRequestId(cursor);
  // Several events may share the cursor's millisecond, so the range includes it and the ids decide.
  const range = before === null ? filter.range : { ...filter.range, to: Math.min(filter.range.to, before + 1) };
  const skip = cursor === null ? page.offset : 0;
  const events: UsageEvent[] = [];
  let seen = 0;
  for await (const event of walkUsage(store, scope, { ...filter, range })) {
    if (cursor !== null && event.requestId >= cursor) continue;
    seen += 1;
    if (seen > skip && events.length < limit) events.push(event);
    if (seen > skip + limit && (cursor !== null || seen > page.maxCount)) break;
  }
  return {
    events,
    nextCursor: seen > skip + events.length && events.length > 0 ? (events.at(-1)?.requestId ?? null) : null,
    total: cursor === null ? seen : null,
    totalIsExact: cursor === null && seen <= page.maxCount,
  };
}

function walkScope(store: EventLists, scope: UsageScope, range: TimeRange): AsyncGenerator<UsageEvent> {
  if (range.from >= range.to) return nothing();
  if (scope.kind === 'key') return pages((page) => store.listEventsOfKey(scope.keyId, range, page));
  const userIds = scope.kind === 'user' ? [scope.userId] : scope.userIds;
  const lists = userIds.map((userId) => pages((page) => store.listEventsOfUser(userId, range, page)));
  return lists.length === 1 && lists[0] ? lists[0] : mergeNewestFirst(lists);
}

async function* keep(
  events: AsyncGenerator<UsageEvent>,
  filter: UsageFilter,
  scope: UsageScope,
): AsyncGenerator<UsageEvent> {
  for await (const event of events) {
    if (filter.model !== undefined && event.model !== filter.model) continue;
    if (filter.success !== undefined && isSuccess(event) !== filter.success) continue;
    if (scope.kind === 'key' && scope.userId !== null && event.userId !== scope.userId) continue;
    yield event;
  }
}

/** The request did what its client asked for. */
export function isSuccess(event: UsageEvent): boolean {
  return event.closing !== null && event.closing.error === null && event.closing.status < 400;
}

async function* nothing(): AsyncGenerator<UsageEvent> {}

async function* pages(read: (page: PageRequest) => Promise<Page<UsageEvent>>): AsyncGenerator<UsageEvent> {
  let cursor: string | null = null;
  do {
    const page: Page<UsageEvent> = await read({ limit: PAGE, cursor });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** Request ids begin with their time, so the greatest id among the heads of the lists is the newest event of all. */
async function* mergeNewestFirst(lists: readonly AsyncGenerator<UsageEvent>[]): AsyncGenerator<UsageEvent> {
  const first = await Promise.all(lists.map(async (list) => ({ list, head: await list.next() })));
  const open = first.filter(({ head }) => !head.done);
  while (open.length > 0) {
    let newest = 0;
    for (let index = 1; index < open.length; index += 1) {
      if (idOf(open[index]) > idOf(open[newest])) newest = index;
    }
    const chosen = open[newest];
    if (!chosen || chosen.head.done) return;
    yield chosen.head.value;
    chosen.head = await chosen.list.next();
    if (chosen.head.done) open.splice(newest, 1);
  }
}

function idOf(entry: { head: IteratorResult<UsageEvent> } | undefined): string {
  return entry && !entry.head.done ? entry.head.value.requestId : '';
}
