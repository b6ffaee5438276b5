import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import type { Page, PageRequest } from '../identity/store.ts';
import { isSuccess } from './outcome.ts';
import type { RollUpStore } from './roll-up-store.ts';
import { TIME_SLICE_MS, type UsageEvent, type UsageStore } from './store.ts';

/** Milliseconds since the epoch; `to` exclusive. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface UsageFilter {
  range: TimeRange;
  model?: string | undefined;
  success?: boolean | undefined;
  clientApp?: string | undefined;
  /** The client's language, `openai-chat`. */
  format?: string | undefined;
  upstream?: string | undefined;
  /** `<upstream>/<credential>` */
  credential?: string | undefined;
  /** What the client was answered: one status, or all from the first to the last. */
  status?: { from: number; to: number } | undefined;
  /** Code from the error catalogue. */
  error?: string | undefined;
  stream?: boolean | undefined;
  /** Requests that took so long or longer. */
  minDurationMs?: number | undefined;
  /** Events that expire by then are left out; absent: all that are still stored. */
  now?: number | undefined;
}

/** Whose events: a user's, one key's (of one user, where the caller may see no other), or everybody's. */
export type UsageScope =
  { kind: 'user'; userId: string } | { kind: 'key'; keyId: string; userId: string | null } | { kind: 'all' };

export type EventLists = Pick<UsageStore, 'listEventsOfUser' | 'listEventsOfKey'> &
  Pick<RollUpStore, 'readState' | 'read' | 'readRows' | 'walkSliceDown'>;

/** What the log of one page reads at a time, when its reader does not say. */
const PAGE = 100;

/**
 * Closed events of a scope that pass the filter, newest first, read as they are asked for.
 * @param pageSize how many are read at a time: as many as are wanted, lest more are paid for
 */
export function walkUsage(
  store: EventLists,
  scope: UsageScope,
  filter: UsageFilter,
  pageSize: number = PAGE,
): AsyncGenerator<UsageEvent> {
  return keep(walkScope(store, scope, filter.range, Math.min(PAGE, pageSize)), filter, scope);
}

export interface LogPage {
  events: UsageEvent[];
  /** Request id of the last event that was looked at when more may follow; null at the end. */
  nextCursor: string | null;
}

/** So many events that the filter left out end a page before it is full; its cursor leads on. */
const MOST_LEFT_OUT = 3_000;

/** One page by offset or behind a cursor: nothing that follows the page is read but for one event. */
export async function readLogPage(
  store: EventLists,
  scope: UsageScope,
  filter: UsageFilter,
  page: { limit: number; offset: number; cursor: string | null },
): Promise<LogPage> {
  const { cursor, limit } = page;
  const before = cursor === null ? null : timeOfRequestId(cursor);
  // Several events may share the cursor's millisecond, so the range includes it and the ids decide.
  const range = before === null ? filter.range : { ...filter.range, to: Math.min(filter.range.to, before + 1) };
  const skip = cursor === null ? page.offset : 0;
  const events: UsageEvent[] = [];
  let seen = 0;
  let leftOut = 0;
  // One more to see whether more follow, and one for the event of the cursor itself.
  const pageSize = skip + limit + (cursor === null ? 1 : 2);
  for await (const event of walkScope(store, scope, range, Math.min(PAGE, pageSize))) {
    if (cursor !== null && event.requestId >= cursor) continue;
    if (!passes(event, filter, scope)) {
      leftOut += 1;
      if (leftOut >= MOST_LEFT_OUT) return { events, nextCursor: event.requestId };
      continue;
    }
    seen += 1;
    if (seen > skip + limit) return { events, nextCursor: events.at(-1)?.requestId ?? null };
    if (seen > skip) events.push(event);
  }
  return { events, nextCursor: null };
}

function walkScope(
  store: EventLists,
  scope: UsageScope,
  range: TimeRange,
  pageSize: number,
): AsyncGenerator<UsageEvent> {
  if (range.from >= range.to) return nothing();
  switch (scope.kind) {
    case 'key':
      return pages((page) => store.listEventsOfKey(scope.keyId, range, page), pageSize);
    case 'user':
      return pages((page) => store.listEventsOfUser(scope.userId, range, page), pageSize);
    case 'all':
      return walkSlices(store, range, pageSize);
  }
}

async function* keep(
  events: AsyncGenerator<UsageEvent>,
  filter: UsageFilter,
  scope: UsageScope,
): AsyncGenerator<UsageEvent> {
  for await (const event of events) if (passes(event, filter, scope)) yield event;
}

/** Whether an event that was found some other way belongs to the scope, and passes the filter, its range aside. */
export function passes(event: UsageEvent, filter: Omit<UsageFilter, 'range'>, scope: UsageScope): boolean {
  const { closing, expiresAt } = event;
  if (!endedAs(event, filter)) return false;
  if (filter.now !== undefined && expiresAt !== undefined && expiresAt <= filter.now) return false;
  if (filter.model !== undefined && event.model !== filter.model) return false;
  if (filter.success !== undefined && isSuccess(event) !== filter.success) return false;
  if (filter.clientApp !== undefined && (event.clientApp ?? '') !== filter.clientApp) return false;
  if (filter.format !== undefined && event.format !== filter.format) return false;
  if (filter.upstream !== undefined && closing?.upstream !== filter.upstream) return false;
  if (filter.credential !== undefined && `${closing?.upstream}/${closing?.credential}` !== filter.credential) {
    return false;
  }
  if (scope.kind === 'user') return event.userId === scope.userId;
  if (scope.kind === 'key') {
    return event.keyId === scope.keyId && (scope.userId === null || event.userId === scope.userId);
  }
  return true;
}

/** Filters on how a request went, which no sums are kept for. */
function endedAs({ closing, stream }: UsageEvent, filter: Omit<UsageFilter, 'range'>): boolean {
  const { status, error, minDurationMs } = filter;
  if (filter.stream !== undefined && stream !== filter.stream) return false;
  if (status !== undefined && !(closing && closing.status >= status.from && closing.status <= status.to)) return false;
  if (error !== undefined && closing?.error !== error) return false;
  return minDurationMs === undefined || (closing !== null && closing.durationMs >= minDurationMs);
}

async function* nothing(): AsyncGenerator<UsageEvent> {}

async function* pages(
  read: (page: PageRequest) => Promise<Page<UsageEvent>>,
  limit: number,
): AsyncGenerator<UsageEvent> {
  let cursor: string | null = null;
  do {
    const page: Page<UsageEvent> = await read({ limit, cursor });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** Everybody's events have no list of their own, which each request would pay for: they are read from the time slices. */
async function* walkSlices(store: EventLists, range: TimeRange, pageSize: number): AsyncGenerator<UsageEvent> {
  for await (const slice of busySlices(store, range)) {
    for await (const event of store.walkSliceDown(slice, { toMs: range.to, atOnce: pageSize })) {
      if ((timeOfRequestId(event.requestId) ?? event.startedAt) < range.from) break;
      yield event;
    }
  }
}

const HOUR_MS = 3600_000;
/** Hours whose roll-ups are asked for at once, to leave out those in which nothing happened. */
const HOURS_AT_ONCE = 24 * 14;
/** Before the first run of the roll-up job, minutes after a stack's first start, so far back. */
export const WITHOUT_ROLL_UPS_MS = HOUR_MS;
/** In an hour of fewer requests than this, some slices are likely to be empty. */
const QUIET_HOUR = 500;

/** The slices of a range that may hold events, newest first. */
async function* busySlices(store: EventLists, range: TimeRange): AsyncGenerator<number> {
  const state = await store.readState();
  const closedUntil = state?.closedUntil ?? range.to - WITHOUT_ROLL_UPS_MS;
  const begun = Math.max(range.from, state?.begunAt ?? closedUntil);
  yield* slicesDown(range.to, Math.max(begun, closedUntil));
  let to = Math.min(range.to, closedUntil);
  while (to > begun) {
    const from = Math.max(begun, to - HOURS_AT_ONCE * HOUR_MS);
    // The hour in which the range begins is asked for too; of the hour that is not over yet there is no roll-up.
    const hours = await store.readRows('all', '', 'hour', { from: from - HOUR_MS + 1, to });
    const starts = [...new Set(hours.map(({ startMs }) => startMs))].toSorted((left, right) => right - left);
    const summedUntil = Math.max(from, Math.floor(closedUntil / HOUR_MS) * HOUR_MS - HOUR_MS);
    if (to > summedUntil) yield* filled(store, slicesDown(to, summedUntil));
    for (const start of starts) {
      if (start >= summedUntil) continue;
      const slices = slicesDown(Math.min(start + HOUR_MS, to, summedUntil), Math.max(start, from));
      const requests = hours.reduce((sum, hour) => sum + (hour.startMs === start ? hour.row.sums.requests : 0), 0);
      if (requests < QUIET_HOUR) yield* filled(store, slices);
      else yield* slices;
    }
    to = from;
  }
}

/** Those of closed slices that hold anything, by their roll-ups. */
async function* filled(store: EventLists, slices: Iterable<number>): AsyncGenerator<number> {
  const starts = [...slices];
  for (let at = 0; at < starts.length; at += SLICES_AN_HOUR) {
    const group = starts.slice(at, at + SLICES_AN_HOUR);
    const stored = await Promise.all(group.map((slice) => store.read('slice', slice)));
    yield* group.filter((_slice, index) => stored[index]?.rollUp.size !== 0);
  }
}

const SLICES_AN_HOUR = 12;

function* slicesDown(to: number, from: number): Generator<number> {
  if (from >= to) return;
  for (let at = sliceOf(to - 1); at >= sliceOf(from); at -= TIME_SLICE_MS) yield at;
}

function sliceOf(at: number): number {
  return Math.floor(at / TIME_SLICE_MS) * TIME_SLICE_MS;
}
