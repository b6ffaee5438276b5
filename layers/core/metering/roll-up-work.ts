import type { Logger } from '@sluice/kit/log/logger';
import { DEFAULT_RETENTION_MS } from './retention.ts';
import type { DirtyMark, NewRollUp, RollUpStore, StoredRollUp } from './roll-up-store.ts';
import {
  changedRows,
  differingRows,
  EMPTY_ROLL_UP,
  foldEvents,
  GRAIN_MS,
  isSameRollUp,
  overwriting,
  sumRollUps,
  type Grid,
  type RollUp,
} from './roll-up.ts';

/** What the roll-up job does with slices, hours and days; its order of doing it is in roll-up-usage.ts. */

export interface WorkCounts {
  /** Time slices computed from their events. */
  slices: number;
  /** Those that were written, being new or different. */
  written: number;
  /** Hours and days that were written. */
  hours: number;
  days: number;
  /** Closed slices that came out different without having been marked. */
  drifted: number;
  /** Roll-ups left as they are, since their events or parts are no longer there. */
  kept: number;
}

export interface RollUpWork {
  readonly counts: WorkCounts;
  /**
   * Computes closed slices, then the hours and days they are part of, as far as these ended before `closedUntil`.
   * Answers the request ids of those marks whose events were not seen closed.
   */
  computeClosed(slices: readonly number[], closedUntil: number, marks?: readonly DirtyMark[]): Promise<Set<string>>;
  storeLive(slices: readonly number[]): Promise<void>;
}

interface WorkDeps {
  store: RollUpStore;
  grid: Grid;
  now: number;
  logger: Logger;
}

interface Computed {
  rollUp: RollUp;
  eventsUntil: number | null;
  lastExpiry: number;
  /** Of the marked events, those that are closed. */
  closedMarks: Set<string>;
}

const SLICES_AT_ONCE = 6;
const DAY_MS = 24 * 3600_000;
/** Slices outlive their events, for those that are summed again after a late closing. */
const SLICE_AFTERLIFE_MS = 35 * DAY_MS;
const HOUR_LIFE_MS = 400 * DAY_MS;
/** Events are deleted some time after they expire, and clocks differ: from an hour before, nothing is computed. */
const EXPIRY_RESERVE_MS = 3600_000;
const MOST_ROUNDS = 5;

export function createRollUpWork(deps: WorkDeps): RollUpWork {
  const counts: WorkCounts = { slices: 0, written: 0, hours: 0, days: 0, drifted: 0, kept: 0 };
  const work: Work = { ...deps, counts };
  const { grid } = deps;
  return {
    counts,
    async computeClosed(slices, closedUntil, marks = []) {
      const marksOf = Map.groupBy(marks, (mark) => mark.sliceMs);
      const unseen = new Set(marks.map((mark) => mark.requestId));
      await eachAtOnce(slices, async (slice) => {
        const marked = new Set((marksOf.get(slice) ?? []).map((mark) => mark.requestId));
        for (const requestId of await computeSlice(work, { slice, marked, isClosed: true })) unseen.delete(requestId);
      });
      const hours = periodsOf(grid, 'hour', slices, closedUntil);
      await eachAtOnce(hours, (hour) => sumPeriod(work, 'hour', hour));
      await eachAtOnce(periodsOf(grid, 'day', hours, closedUntil), (day) => sumPeriod(work, 'day', day));
      return unseen;
    },
    async storeLive(slices) {
      await eachAtOnce(slices, async (slice) => {
        await computeSlice(work, { slice, marked: NO_MARKS, isClosed: false });
      });
    },
  };
}

interface Work extends WorkDeps {
  counts: WorkCounts;
}

interface SliceTask {
  slice: number;
  /** Request ids of late closings. */
  marked: ReadonlySet<string>;
  isClosed: boolean;
}

const NO_MARKS: ReadonlySet<string> = new Set();

/** Answers those of the marked events that are dealt with: seen closed, or no longer to be helped. */
async function computeSlice(work: Work, task: SliceTask): Promise<ReadonlySet<string>> {
  const { store, counts, now } = work;
  const { slice, marked, isClosed } = task;
  counts.slices += 1;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    // Its revision is read before its events: whoever overwrites it in between has read later than we did.
    const stored = await store.read('slice', slice);
    if (isExpired(stored, now)) {
      counts.kept += 1;
      if (marked.size > 0) work.logger.error('late_closing_lost', { slice: isoOf(slice), events: marked.size });
      return marked;
    }
    const computed = await readSlice(store, slice, marked);
    // What became closed meanwhile is no longer ours to store as live.
    const isSettled = stored?.isClosed === true && !isClosed;
    if (isSettled || (stored?.isClosed === isClosed && isSameSum(stored, computed))) return computed.closedMarks;
    if (await overwriteSlice(work, task, stored, computed)) return computed.closedMarks;
  }
  throw new Error(`The roll-up of ${isoOf(slice)} kept changing.`);
}

async function overwriteSlice(
  { store, counts, logger }: Work,
  { slice, marked, isClosed }: SliceTask,
  stored: StoredRollUp | null,
  computed: Computed,
): Promise<boolean> {
  const hasChanged = stored?.isClosed === true && !isSameRollUp(stored.rollUp, computed.rollUp);
  const isDrift = hasChanged && marked.size === 0 && !(await store.isDirty(slice));
  const next: NewRollUp = {
    rollUp: overwriting(stored?.rollUp ?? EMPTY_ROLL_UP, computed.rollUp),
    eventsUntil: computed.eventsUntil,
    isClosed,
    expiresAt: Math.max(slice + DEFAULT_RETENTION_MS, computed.lastExpiry) + SLICE_AFTERLIFE_MS,
  };
  if ((await store.overwrite('slice', slice, next, stored?.revision ?? 0)) === null) return false;
  counts.written += 1;
  if (stored && isDrift) {
    counts.drifted += 1;
    logDrift(logger, slice, stored.rollUp, computed.rollUp);
  }
  return true;
}

async function sumPeriod(work: Work, grain: 'hour' | 'day', startMs: number): Promise<void> {
  const { store, grid, counts, now } = work;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const stored = await store.read(grain, startMs);
    const sum = await sumOfParts(store, grid, grain, startMs);
    const isKept = sum === null || (grain === 'hour' && isExpired(stored, now));
    if (isKept) {
      counts.kept += 1;
      if (!stored) work.logger.error('roll_up_incomplete', { grain, start: isoOf(startMs) });
      if (!stored) return;
    }
    const next = isKept || (stored && isSameSum(stored, sum)) ? null : sum;
    if (await storePeriod(work, { grain, startMs }, stored, next)) return;
  }
  throw new Error(`The roll-up of the ${grain} ${isoOf(startMs)} kept changing.`);
}

/** Stores the sum (null: it stays as it is) and whatever rows are not written yet. False: another was faster. */
async function storePeriod(
  { store, counts }: Work,
  { grain, startMs }: { grain: 'hour' | 'day'; startMs: number },
  stored: StoredRollUp | null,
  sum: { rollUp: RollUp; eventsUntil: number | null } | null,
): Promise<boolean> {
  const areRowsWritten = stored !== null && stored.rowsRevision === stored.revision;
  if (sum === null && areRowsWritten) return true;
  const before = stored?.rollUp ?? EMPTY_ROLL_UP;
  const rollUp = sum === null ? before : overwriting(before, sum.rollUp);
  let revision = stored?.revision ?? 0;
  if (sum !== null) {
    const expiresAt = grain === 'hour' ? startMs + HOUR_LIFE_MS : null;
    const next = { rollUp, eventsUntil: sum.eventsUntil, isClosed: true, expiresAt };
    const written = await store.overwrite(grain, startMs, next, revision);
    if (written === null) return false;
    revision = written;
  }
  // When the rows of the last revision were all written, only what differs has to be.
  const changed = areRowsWritten ? new Set(changedRows(before, rollUp).map(({ name }) => name)) : null;
  const rows = [...rollUp].flatMap(([name, row]) => (changed === null || changed.has(name) ? [row] : []));
  await store.writeRows(grain, startMs, rows, revision);
  await store.confirmRows(grain, startMs, revision);
  counts[grain === 'hour' ? 'hours' : 'days'] += 1;
  return true;
}

async function readSlice(store: RollUpStore, slice: number, marked: ReadonlySet<string>): Promise<Computed> {
  const computed: Computed = { rollUp: EMPTY_ROLL_UP, eventsUntil: null, lastExpiry: 0, closedMarks: new Set() };
  for await (const events of store.readSliceEvents(slice)) {
    const folded = foldEvents(events.map(({ event }) => event));
    computed.rollUp = computed.rollUp.size === 0 ? folded : sumRollUps([computed.rollUp, folded]);
    for (const { event, expiresAt } of events) {
      if (event.closing && marked.has(event.requestId)) computed.closedMarks.add(event.requestId);
      computed.eventsUntil = earlier(computed.eventsUntil, expiresAt);
      computed.lastExpiry = Math.max(computed.lastExpiry, expiresAt ?? 0);
    }
  }
  return computed;
}

/** Null when a part is not there: a sum is never overwritten with less than its whole. */
async function sumOfParts(
  store: RollUpStore,
  grid: Grid,
  grain: 'hour' | 'day',
  startMs: number,
): Promise<{ rollUp: RollUp; eventsUntil: number | null } | null> {
  const { grain: part, starts } = grid.partsOf(grain, startMs);
  const parts = await Promise.all(starts.map((start) => store.read(part, start)));
  const whole = parts.filter((stored) => stored !== null);
  if (whole.length < parts.length) return null;
  const eventsUntil = whole.reduce<number | null>((until, stored) => earlier(until, stored.eventsUntil), null);
  return { rollUp: sumRollUps(whole.map((stored) => stored.rollUp)), eventsUntil };
}

/** The hours or days that the parts lie in and that ended by `closedUntil`. */
function periodsOf(grid: Grid, grain: 'hour' | 'day', parts: readonly number[], closedUntil: number): number[] {
  const starts = new Set(parts.map((part) => grid.startOf(grain, part)));
  return [...starts].filter((start) => start + GRAIN_MS[grain] <= closedUntil);
}

function isExpired(stored: StoredRollUp | null, now: number): boolean {
  return stored !== null && stored.eventsUntil !== null && stored.eventsUntil <= now + EXPIRY_RESERVE_MS;
}

function isSameSum(stored: StoredRollUp, sum: { rollUp: RollUp; eventsUntil: number | null }): boolean {
  return stored.eventsUntil === sum.eventsUntil && isSameRollUp(stored.rollUp, sum.rollUp);
}

function earlier(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}

function logDrift(logger: Logger, slice: number, stored: RollUp, computed: RollUp): void {
  const rows = differingRows(stored, computed);
  const all = rows.filter(({ name }) => name.startsWith('all\n'));
  const sum = (side: 'stored' | 'computed', figure: 'requests' | 'costMicros'): number =>
    all.reduce((total, row) => total + row[side][figure], 0);
  logger.error('ledger_drift', {
    slice: isoOf(slice),
    rows: rows.length,
    stored_requests: sum('stored', 'requests'),
    computed_requests: sum('computed', 'requests'),
    stored_cost_micros: sum('stored', 'costMicros'),
    computed_cost_micros: sum('computed', 'costMicros'),
  });
}

async function eachAtOnce<Entry>(entries: readonly Entry[], run: (entry: Entry) => Promise<void>): Promise<void> {
  const waiting = entries.values();
  const worker = async (): Promise<void> => {
    for (const entry of waiting) await run(entry);
  };
  await Promise.all(Array.from({ length: Math.min(SLICES_AT_ONCE, entries.length) }, worker));
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
