import type { Clock } from '@sluice/kit/time/clock';
import type { Logger } from '@sluice/kit/log/logger';
import { createRollUpWork, type RollUpWork, type WorkCounts } from './roll-up-work.ts';
import { LIVE_MS, type DirtyMark, type RollUpState, type RollUpStore } from './roll-up-store.ts';
import { createGrid, GRAIN_MS, type Grid } from './roll-up.ts';
import { TIME_SLICE_MS } from './store.ts';

/*
 * Makes the roll-ups of usage: every 5 minutes, from the events, by overwriting. Nothing is incremented, so that a run
 * that is repeated, interrupted anywhere, or accompanied by another comes to the same figures.
 *
 * 1. Slices that were closed since (older than the margin and the sweep) are computed a last time; then the hours and
 *    days that end by then; only then does the watermark pass. Readers take roll-ups before the watermark, events after.
 * 2. Slices that a late closing marked are computed again, with their hours and days; only then is the mark removed.
 * 3. Slices of a day ago are computed once more and compared. A closed slice that comes out different without having
 *    been marked is drift: it is put right, logged as `ledger_drift`, and alarmed.
 * 4. Slices that are still live are stored as they are now, for readers whose tail of events is too long to be read.
 *
 * Each roll-up is overwritten under the revision that was read before its parts were: of two jobs at once, the one
 * that read first is refused and computes again.
 */

export interface RollUpDeps {
  store: RollUpStore;
  /** Minutes east of UTC that hours and days follow. */
  offsetMinutes: number;
  clock: Clock;
  logger: Logger;
}

export interface RollUpRequest {
  /** By hand: everything since then is computed again, as far as its events are still there. Milliseconds. */
  from?: number | undefined;
}

export interface RollUpReport extends WorkCounts {
  /** Marks of late closings that were dealt with. */
  marks: number;
  /** Every time slice before is closed. ISO 8601. */
  closedUntil: string;
  /** Another job moved the watermark meanwhile; it goes on, this one ended. */
  overtaken: boolean;
  /** There is more to do than one run does; the next one goes on. */
  more: boolean;
}

/** Slices whose hours and days are summed, and the watermark moved, at once. */
const BATCH = 48;
/** A stack that was down for two days catches up in one run. */
const MOST_CLOSED = 600;
const MOST_MARKS = 500;
const MOST_AUDITED = 24;
const AUDIT_AFTER_MS = 24 * 3600_000;
/** Where the very first run begins, but for the beginning of that day. */
const FIRST_RUN_MS = 60 * 60_000;

export async function rollUpUsage(deps: RollUpDeps, request: RollUpRequest = {}): Promise<RollUpReport> {
  const now = deps.clock();
  const first = await readOrBegin(deps, now);
  const grid = createGrid(first.offsetMinutes);
  if (first.offsetMinutes !== deps.offsetMinutes) {
    deps.logger.warn('roll_up_offset_kept', { kept: first.offsetMinutes, configured: deps.offsetMinutes });
  }
  const run: Run = { ...deps, now, grid, state: first, work: createRollUpWork({ ...deps, grid, now }) };
  let overtaken = request.from !== undefined && !(await goBack(run, request.from));
  const marks = { count: 0 };
  const closable = closableUntil(now);
  overtaken ||= !(await closeSlices(run, closable));
  if (!overtaken) {
    marks.count = await recomputeMarked(run);
    overtaken = !(await auditSlices(run));
    await refreshLive(run, closable);
  }
  return {
    ...run.work.counts,
    marks: marks.count,
    closedUntil: new Date(run.state.closedUntil).toISOString(),
    overtaken,
    more: run.state.closedUntil < closable || marks.count >= MOST_MARKS,
  };
}

interface Run extends RollUpDeps {
  now: number;
  grid: Grid;
  state: RollUpState;
  work: RollUpWork;
}

function closableUntil(now: number): number {
  return Math.floor((now - LIVE_MS) / TIME_SLICE_MS) * TIME_SLICE_MS;
}

/** The first hours and days must be whole, so the first run begins with the day. */
async function readOrBegin(deps: RollUpDeps, now: number): Promise<RollUpState> {
  const stored = await deps.store.readState();
  if (stored !== null) return stored;
  const begunAt = createGrid(deps.offsetMinutes).startOf('day', now - FIRST_RUN_MS);
  const state = { closedUntil: begunAt, auditedUntil: begunAt, begunAt, offsetMinutes: deps.offsetMinutes };
  await deps.store.writeState(state, 0);
  // Ours, or that of another first run at the same time.
  const begun = await deps.store.readState();
  if (begun === null) throw new Error('The state of the roll-ups was written and is not there.');
  return begun;
}

/** False when another job wrote the state since we read it. */
async function moveState(run: Run, change: Partial<Omit<RollUpState, 'revision'>>): Promise<boolean> {
  const { revision, ...state } = { ...run.state, ...change };
  if (!(await run.store.writeState(state, revision))) return false;
  run.state = { ...state, revision: revision + 1 };
  return true;
}

async function goBack(run: Run, from: number): Promise<boolean> {
  const start = run.grid.startOf('day', from);
  if (start >= run.state.closedUntil) return true;
  return moveState(run, { closedUntil: start, begunAt: Math.min(start, run.state.begunAt) });
}

async function closeSlices(run: Run, closable: number): Promise<boolean> {
  const end = Math.min(closable, run.state.closedUntil + MOST_CLOSED * TIME_SLICE_MS);
  while (run.state.closedUntil < end) {
    const { closedUntil } = run.state;
    const next = Math.min(end, closedUntil + BATCH * TIME_SLICE_MS);
    await run.work.computeClosed(slicesBetween(closedUntil, next), next);
    if (!(await moveState(run, { closedUntil: next }))) return false;
  }
  return true;
}

async function recomputeMarked(run: Run): Promise<number> {
  const marks = await run.store.listDirty(MOST_MARKS);
  // A mark of a slice that is not closed yet waits: when its time is over, the slice is computed anyway.
  const due = marks.filter((mark) => mark.sliceMs < run.state.closedUntil);
  const bySlice = Map.groupBy(due, (mark) => mark.sliceMs);
  const done: DirtyMark[] = [];
  const slices = [...bySlice.keys()].toSorted((left, right) => left - right);
  for (let at = 0; at < slices.length; at += BATCH) {
    const group = slices.slice(at, at + BATCH);
    const groupMarks = group.flatMap((slice) => bySlice.get(slice) ?? []);
    const missing = await run.work.computeClosed(group, run.state.closedUntil, groupMarks);
    done.push(...groupMarks.filter((mark) => !missing.has(mark.requestId)));
  }
  for (const mark of done) await run.store.removeDirty(mark);
  return done.length;
}

async function auditSlices(run: Run): Promise<boolean> {
  const { auditedUntil, closedUntil } = run.state;
  const due = Math.floor((run.now - AUDIT_AFTER_MS) / TIME_SLICE_MS) * TIME_SLICE_MS;
  const end = Math.min(due, closedUntil, auditedUntil + MOST_AUDITED * TIME_SLICE_MS);
  if (end <= auditedUntil) return true;
  await run.work.computeClosed(slicesBetween(auditedUntil, end), closedUntil);
  return moveState(run, { auditedUntil: end });
}

/** Of a job that has fallen far behind, the tail is what it has not come to yet; only the young end of it is stored. */
async function refreshLive(run: Run, closable: number): Promise<void> {
  const from = Math.max(run.state.closedUntil, closable);
  await run.work.storeLive(slicesBetween(from, run.now + 1));
}

function slicesBetween(from: number, to: number): number[] {
  const slices: number[] = [];
  for (let at = from; at < to; at += GRAIN_MS.slice) slices.push(at);
  return slices;
}
