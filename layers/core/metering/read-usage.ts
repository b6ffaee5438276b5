import type { RollUpState, RollUpStore } from './roll-up-store.ts';
import { createGrid, foldEvents, GRAIN_MS, type Dimension, type Grid, type RollUpRow } from './roll-up.ts';
import { TIME_SLICE_MS, type UsageEvent, type UsageStore } from './store.ts';
import { walkUsage, WITHOUT_ROLL_UPS_MS, type EventLists, type TimeRange } from './usage-log.ts';

/*
 * What was used in a range: days, hours and slices from roll-ups as far as they are closed, the rest from events, so
 * that a request shows as soon as it is closed. The work follows the number of days, hours and members, not of events:
 * of a tail that is too long, the part before the last slices is taken from the slices as the last run stored them.
 */

export interface UsageReaderDeps {
  rollUps: Pick<RollUpStore, 'readSliceEvents'> & Omit<EventLists, keyof UsageStore>;
  usage: Pick<UsageStore, 'listEventsOfUser' | 'listEventsOfKey'>;
}

export interface UsageQuestion {
  /** Null: the rows of all dimensions, where `member` is null too. */
  dimension: Dimension | null;
  /** Null: every member of the dimension. */
  member: string | null;
  /** Milliseconds since the epoch; `to` exclusive. */
  range: TimeRange;
  /** The coarsest roll-ups that may be used: `hour` for a series of hours. Default `day`. */
  coarsest?: 'day' | 'hour' | 'slice' | undefined;
  /** Events that the tail may read; 0: it is taken from the slices as the last run of the job stored them. */
  mostEvents?: number | undefined;
}

export interface UsageReading {
  /** In no order; `at` is when the row's day, hour, slice or event began. */
  rows: { at: number; row: RollUpRow }[];
  /** False: the youngest figures are those of the last run of the roll-up job. */
  isComplete: boolean;
  /** Requests under way that were met among the events; all of a range's where `isComplete`. */
  open: number;
  /** The grid that the hours and days follow. */
  grid: Grid;
}

const MOST_EVENTS = 5_000;
/** Hours and slices are kept so long; of what is older, a range takes whole days. */
const FINE_LIFE_MS = 399 * GRAIN_MS.day;
const AT_ONCE = 12;

export async function readUsage(deps: UsageReaderDeps, question: UsageQuestion, now: number): Promise<UsageReading> {
  const state = await deps.rollUps.readState();
  const grid = createGrid(state?.offsetMinutes ?? 0);
  const range = withinLife(question.range, { state, grid, now });
  const settledUntil = state === null ? range.from : Math.min(Math.max(state.closedUntil, range.from), range.to);
  const reading: UsageReading = { rows: [], isComplete: true, open: 0, grid };
  const pieces = splitRange({ from: range.from, to: settledUntil }, grid, question.coarsest ?? 'day');
  for (const piece of pieces) reading.rows.push(...(await readPiece(deps, question, piece)));
  const tail = await readTail(deps, question, { from: settledUntil, to: Math.min(range.to, now + TIME_SLICE_MS) });
  reading.rows.push(...tail.rows);
  reading.isComplete = tail.isComplete;
  reading.open = tail.open;
  return reading;
}

interface Piece extends TimeRange {
  grain: 'day' | 'hour' | 'slice' | 'events';
}

const FINER = { day: 'hour', hour: 'slice', slice: 'events' } as const;

/** The fewest pieces of whole days, hours and slices that make up the range, and events for what is left at its ends. */
export function splitRange({ from, to }: TimeRange, grid: Grid, grain: Piece['grain']): Piece[] {
  if (from >= to) return [];
  if (grain === 'events') return [{ grain, from, to }];
  const first = grid.startOf(grain, from + GRAIN_MS[grain] - 1);
  const last = grid.startOf(grain, to);
  if (first >= last) return splitRange({ from, to }, grid, FINER[grain]);
  return [
    ...splitRange({ from, to: first }, grid, FINER[grain]),
    { grain, from: first, to: last },
    ...splitRange({ from: last, to }, grid, FINER[grain]),
  ];
}

/** Nothing was ever rolled up before the first run's day, and nothing fine is left of what is very old. */
function withinLife(
  range: TimeRange,
  { state, grid, now }: { state: RollUpState | null; grid: Grid; now: number },
): TimeRange {
  if (state === null) return { ...range, from: Math.max(range.from, now - WITHOUT_ROLL_UPS_MS) };
  const old = now - FINE_LIFE_MS;
  const dayOfOld = (at: number): number => (at < old ? grid.startOf('day', at) : at);
  return { from: dayOfOld(Math.max(range.from, state.begunAt)), to: dayOfOld(range.to) };
}

async function readPiece(
  deps: UsageReaderDeps,
  question: UsageQuestion,
  { grain, ...range }: Piece,
): Promise<UsageReading['rows']> {
  const { dimension, member } = question;
  if (grain === 'events') return (await readEvents(deps, question, range, Infinity)).rows;
  if (grain !== 'slice' && dimension !== null && member !== null) {
    const rows = await deps.rollUps.readRows(dimension, member, grain, range);
    return rows.map(({ startMs, row }) => ({ at: startMs, row }));
  }
  return readPacked(deps, question, grain, range);
}

/** From the packed roll-ups, which hold the rows of all members. */
async function readPacked(
  deps: UsageReaderDeps,
  question: UsageQuestion,
  grain: 'day' | 'hour' | 'slice',
  range: TimeRange,
): Promise<UsageReading['rows']> {
  const rows: UsageReading['rows'] = [];
  const starts: number[] = [];
  for (let at = range.from; at < range.to; at += GRAIN_MS[grain]) starts.push(at);
  for (let at = 0; at < starts.length; at += AT_ONCE) {
    const group = starts.slice(at, at + AT_ONCE);
    const stored = await Promise.all(group.map((start) => deps.rollUps.read(grain, start)));
    stored.forEach((one, index) => {
      const start = group[index] ?? 0;
      for (const row of one?.rollUp.values() ?? []) if (isWanted(row, question)) rows.push({ at: start, row });
    });
  }
  return rows;
}

function isWanted(row: RollUpRow, { dimension, member }: UsageQuestion): boolean {
  return (dimension === null || row.dimension === dimension) && (member === null || row.member === member);
}

async function readTail(
  deps: UsageReaderDeps,
  question: UsageQuestion,
  range: TimeRange,
): Promise<Pick<UsageReading, 'rows' | 'isComplete' | 'open'>> {
  if (range.from >= range.to) return { rows: [], isComplete: true, open: 0 };
  const { rows, readFrom, open } = await readEvents(deps, question, range, question.mostEvents ?? MOST_EVENTS);
  if (readFrom <= range.from) return { rows, isComplete: true, open };
  // What was read of the slice in which the reading stopped is taken from the stored slice with the rest of it.
  const stored = await readPacked(deps, question, 'slice', { from: sliceOf(range.from), to: readFrom });
  return { rows: [...rows.filter(({ at }) => at >= readFrom), ...stored], isComplete: false, open };
}

function sliceOf(at: number): number {
  return Math.floor(at / TIME_SLICE_MS) * TIME_SLICE_MS;
}

interface EventsRead {
  rows: UsageReading['rows'];
  /** Everything from here to the end of the range was read; a slice's beginning where it is not the range's. */
  readFrom: number;
  /** Lists hold closed events only; of these it is 0. */
  open: number;
}

/** From the events, newest first: a user's or key's by its list, all others by time slice. */
async function readEvents(
  deps: UsageReaderDeps,
  question: UsageQuestion,
  range: TimeRange,
  most: number,
): Promise<EventsRead> {
  const { dimension, member } = question;
  if (most === 0) return { rows: [], readFrom: sliceOf(range.to - 1) + TIME_SLICE_MS, open: 0 };
  if (member === null || (dimension !== 'user' && dimension !== 'key')) {
    return readEventsOfSlices(deps, question, range, most);
  }
  const scope =
    dimension === 'user'
      ? ({ kind: 'user', userId: member } as const)
      : ({ kind: 'key', keyId: member, userId: null } as const);
  const rows: EventsRead['rows'] = [];
  let count = 0;
  const lists = { ...deps.rollUps, ...deps.usage };
  for await (const event of walkUsage(lists, scope, { range }, most)) {
    if (count >= most) return { rows, readFrom: sliceOf(event.startedAt) + TIME_SLICE_MS, open: 0 };
    count += 1;
    rows.push(...rowsOf([event], question));
  }
  return { rows, readFrom: range.from, open: 0 };
}

async function readEventsOfSlices(
  deps: UsageReaderDeps,
  question: UsageQuestion,
  range: TimeRange,
  most: number,
): Promise<EventsRead> {
  const rows: EventsRead['rows'] = [];
  let count = 0;
  let open = 0;
  for (let slice = sliceOf(range.to - 1); slice >= sliceOf(range.from); slice -= TIME_SLICE_MS) {
    if (count >= most) return { rows, readFrom: slice + TIME_SLICE_MS, open };
    for await (const page of deps.rollUps.readSliceEvents(slice)) {
      const events = page.map(({ event }) => event).filter((event) => isWithin(event, range));
      count += page.length;
      open += events.filter(({ closing }) => closing === null).length;
      rows.push(...rowsOf(events, question));
    }
  }
  return { rows, readFrom: range.from, open };
}

function isWithin({ startedAt }: UsageEvent, { from, to }: TimeRange): boolean {
  return startedAt >= from && startedAt < to;
}

function rowsOf(events: readonly UsageEvent[], question: UsageQuestion): UsageReading['rows'] {
  return events.flatMap((event) =>
    [...foldEvents([event]).values()]
      .filter((row) => isWanted(row, question))
      .map((row) => ({ at: event.startedAt, row })),
  );
}
