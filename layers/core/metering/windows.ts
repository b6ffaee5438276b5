import { localDayAt } from '@sluice/kit/time/local-day';
import { ADMISSION_MARGIN_MS, MINUTE_MARGIN_MS } from './margin.ts';

/*
 * Windows of counters. A window's name tells its kind and its first second (base 36), so that what is stored can be
 * read without knowing by which rules it was cut. The request id's time decides the window, never the process's clock.
 */

export type WindowKind = 'minute' | 'roleDay' | 'day' | 'month';

/** How an account's windows are cut. */
export interface Grid {
  /** Seconds since the epoch: minutes and role windows begin at this second of the minute or day. */
  createdAt: number;
  /** Minutes east of UTC that days and months follow. */
  offsetMinutes: number;
}

export interface Window {
  readonly name: string;
  /** Milliseconds since the epoch; the first instant that is not in it. */
  readonly endsAt: number;
}

const MINUTE = 60;
const DAY = 86_400;
const LONGEST_MONTH = 31 * DAY;

const LETTERS = { minute: 'm', roleDay: 'r', day: 'd', month: 'M' } as const satisfies Record<WindowKind, string>;
/** Seconds that a window of this letter lasts at most. */
const LONGEST: Readonly<Record<string, number>> = { m: MINUTE, r: DAY, d: DAY, M: LONGEST_MONTH };

/** The minute more than the margins is for clocks of processes that differ. */
const CLOCK_SKEW_MS = 60_000;

/** @param timeMs the request id's time */
export function windowAt(kind: WindowKind, timeMs: number, grid: Grid): Window {
  const seconds = Math.floor(timeMs / 1_000);
  const known = lastCut.get(kind);
  if (known && known.start <= seconds && seconds < known.end && isSameGrid(known.grid, grid)) return known.window;
  const { start, end } = bounds(kind, seconds, grid);
  const window = { name: LETTERS[kind] + start.toString(36), endsAt: end * 1_000 };
  lastCut.set(kind, { grid: { createdAt: grid.createdAt, offsetMinutes: grid.offsetMinutes }, start, end, window });
  return window;
}

/** The window of each kind that was cut last: requests of one account mostly fall into the same. */
const lastCut = new Map<WindowKind, { grid: Grid; start: number; end: number; window: Window }>();

function isSameGrid(left: Grid, right: Grid): boolean {
  return left.createdAt === right.createdAt && left.offsetMinutes === right.offsetMinutes;
}

function bounds(kind: WindowKind, seconds: number, grid: Grid): { start: number; end: number } {
  switch (kind) {
    case 'minute':
      return cut(seconds, MINUTE, grid.createdAt);
    case 'roleDay':
      return cut(seconds, DAY, grid.createdAt);
    case 'day':
      return localDayAt(seconds, grid.offsetMinutes);
    case 'month': {
      const local = new Date((seconds + grid.offsetMinutes * 60) * 1_000);
      const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
      const startOf = (index: number): number => Date.UTC(year, index) / 1_000 - grid.offsetMinutes * 60;
      return { start: startOf(month), end: startOf(month + 1) };
    }
  }
}

function cut(seconds: number, length: number, phase: number): { start: number; end: number } {
  const start = Math.floor((seconds - phase) / length) * length + phase;
  return { start, end: start + length };
}

/** Counters are forgotten this long after their window's end; nobody is admitted to them under so old an id. */
function retentionOf(letter: string): number {
  return (letter === LETTERS.minute ? MINUTE_MARGIN_MS : ADMISSION_MARGIN_MS) + CLOCK_SKEW_MS;
}

/** Whether a counter's window ended so long ago that nobody can be admitted to it any more. Others never end. */
export function isPastRetention(counterName: string, nowMs: number): boolean {
  const scopeAt = counterName.indexOf('#') + 1;
  const cutAt = scopeAt === 0 ? 0 : counterName.indexOf('#', scopeAt) + 1;
  const longest = cutAt === 0 ? undefined : LONGEST[counterName.charAt(cutAt)];
  if (longest === undefined) return false;
  const start = Number.parseInt(counterName.slice(cutAt + 1), 36);
  return (start + longest) * 1_000 + retentionOf(counterName.charAt(cutAt)) < nowMs;
}
