import { ADMISSION_MARGIN_MS } from './margin.ts';
import type { Dimension, Grain, RollUp, RollUpRow } from './roll-up.ts';
import { TIME_SLICE_MS, type UsageEvent } from './store.ts';

/** Roll-ups and what the job that makes them remembers. `layers/aws/tables/roll-ups.ts` implements the store. */

/**
 * The event of a time slice that ended so long ago is closed together with a mark that makes the roll-up job compute
 * the slice again.
 */
export const LATE_CLOSING_MS = ADMISSION_MARGIN_MS + TIME_SLICE_MS;

/**
 * A time slice that ended so long ago is closed: the margin, a sweep, and one more sweep's length for clocks that differ
 * and for a closing on its way. It is computed again only when it is marked.
 */
export const LIVE_MS = LATE_CLOSING_MS + TIME_SLICE_MS;

/** Whether a closing at this time has to mark the time slice of an event that was admitted at `admittedAt`. */
export function isLateClosing(admittedAt: number, closedAt: number): boolean {
  const sliceEnd = Math.floor(admittedAt / TIME_SLICE_MS) * TIME_SLICE_MS + TIME_SLICE_MS;
  return closedAt >= sliceEnd + LATE_CLOSING_MS;
}

/** How far the job has come. All times are milliseconds since the epoch. */
export interface RollUpState {
  /** Counts the writes of this state; a write names the one that it saw. */
  revision: number;
  /** Every time slice before this instant is closed, stored, and part of every hour and day that ended by then. */
  closedUntil: number;
  /** Every time slice before this instant was computed once more, a day later, and compared. */
  auditedUntil: number;
  /** Nothing before this instant was ever rolled up. */
  begunAt: number;
  /** The grid's offset; fixed by the first run, since hours and days of two grids do not add up. */
  offsetMinutes: number;
}

export interface StoredRollUp {
  /** Counts the times it was overwritten; the first is 1. */
  revision: number;
  rollUp: RollUp;
  /** When the first of its events may be gone: from then on it can no longer be computed. Null: it has none. */
  eventsUntil: number | null;
  /** It was computed when its time was over: only a marked closing may change it. */
  isClosed: boolean;
  /** The revision whose member rows are all written; slices have none. */
  rowsRevision: number;
}

export interface NewRollUp {
  rollUp: RollUp;
  eventsUntil: number | null;
  isClosed: boolean;
  /** When it may be deleted; null: never. */
  expiresAt: number | null;
}

/** An event of a slice with the time at which it may be deleted. */
export interface SliceEvent {
  event: UsageEvent;
  expiresAt: number | null;
}

/** Says that an event of this slice was closed after the slice. Written in one transaction with the closing. */
export interface DirtyMark {
  sliceMs: number;
  requestId: string;
}

export interface RollUpStore {
  readState(): Promise<RollUpState | null>;
  /** False when the state is no longer the one of revision `seen` (0: none). */
  writeState(state: Omit<RollUpState, 'revision'>, seen: number): Promise<boolean>;

  /** All events of a time slice, some at a time, strongly consistent. */
  readSliceEvents(sliceMs: number): AsyncIterable<SliceEvent[]>;

  /**
   * Closed events of a time slice that were made before `toMs`, newest first, read as they are asked for.
   * `atOnce`: how many are probably wanted.
   */
  walkSliceDown(sliceMs: number, from: { toMs: number; atOnce: number }): AsyncIterable<UsageEvent>;

  read(grain: Grain, startMs: number): Promise<StoredRollUp | null>;
  /** The new revision; null, and nothing written, when the stored one is no longer of revision `seen` (0: none). */
  overwrite(grain: Grain, startMs: number, next: NewRollUp, seen: number): Promise<number | null>;
  /** Writes rows where each member finds its own; those of a later revision stay. */
  writeRows(grain: 'hour' | 'day', startMs: number, rows: readonly RollUpRow[], revision: number): Promise<void>;
  /** All rows of this revision are written. */
  confirmRows(grain: 'hour' | 'day', startMs: number, revision: number): Promise<void>;
  /** A member's rows of the hours or days that begin in the range, oldest first. */
  readRows(
    dimension: Dimension,
    member: string,
    grain: 'hour' | 'day',
    range: { from: number; to: number },
  ): Promise<{ startMs: number; row: RollUpRow }[]>;

  /** At most `limit`, of the oldest slices first. */
  listDirty(limit: number): Promise<DirtyMark[]>;
  isDirty(sliceMs: number): Promise<boolean>;
  removeDirty(mark: DirtyMark): Promise<void>;
}
