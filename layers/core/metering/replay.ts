import type { Clock } from '@sluice/kit/time/clock';
import type { Price } from '../catalog/store.ts';
import { costMicros } from './price.ts';
import type { RollUpStore } from './roll-up-store.ts';
import {
  createGrid,
  differingRows,
  EMPTY_ROLL_UP,
  foldEvents,
  GRAIN_MS,
  noSums,
  rollUpOf,
  sumRollUps,
  type Grain,
  type Grid,
  type RollUp,
  type RollUpRow,
} from './roll-up.ts';
import { TIME_SLICE_MS, type UsageEvent } from './store.ts';

/*
 * Computes a period again and compares, from the events up: each event's cost with its parts at the price of its version,
 * each closed slice with its events, each hour and day with its parts, each member's row with its day. Reads only.
 */

export interface ReplayDeps {
  store: Pick<RollUpStore, 'readState' | 'read' | 'readRows' | 'readSliceEvents' | 'isDirty'>;
  /** The price of a model by version; null when there is none. */
  findPrice(model: string, version: number): Promise<Price | null>;
  clock: Clock;
  /** False: it is time to answer with what was done. */
  mayGoOn(): boolean;
}

export interface ReplayDifference {
  kind: 'cost' | Grain | 'row';
  /** The event's request id, or when the slice, hour or day begins (ISO 8601). */
  where: string;
  /** Of a roll-up: its dimension, member and model. */
  row: string | null;
  stored: string;
  computed: string;
}

export interface ReplayReport {
  /** ISO 8601. The period drawn out to whole time slices, as far as it was done. */
  from: string;
  to: string;
  slices: number;
  events: number;
  /** Events that nobody has closed yet; they count nothing. */
  open: number;
  costMicros: number;
  hours: number;
  days: number;
  /** Slices that are not closed yet, or are marked to be computed again: their events only were looked at. */
  notClosed: number;
  /** Slices whose events are gone, or soon will be: nothing to compare. */
  expired: number;
  /** How many differences there are; the first of them are listed. */
  differenceCount: number;
  differences: ReplayDifference[];
  /** Where to go on; null when all was done. ISO 8601. */
  next: string | null;
}

const MOST_LISTED = 100;
const SLICES_AT_ONCE = 6;
const MEMBERS_AT_ONCE = 12;
const EXPIRY_RESERVE_MS = 3600_000;

export async function replayUsage(deps: ReplayDeps, period: { from: number; to: number }): Promise<ReplayReport> {
  const state = await deps.store.readState();
  const grid = createGrid(state?.offsetMinutes ?? 0);
  const from = grid.startOf('slice', period.from);
  const end = grid.startOf('slice', Math.min(period.to, deps.clock() + TIME_SLICE_MS) + TIME_SLICE_MS - 1);
  const report = emptyReport(from);
  const run: Run = {
    ...deps,
    findPrice: rememberPrices(deps.findPrice),
    grid,
    closedUntil: state?.closedUntil ?? 0,
    report,
  };
  let at = from;
  while (at < end && (at === from || deps.mayGoOn())) {
    // To the end of the hour, so that the hour is compared when all of it was looked at.
    const next = Math.min(end, grid.startOf('hour', at) + GRAIN_MS.hour);
    await replaySlices(run, at, next);
    await replayPeriod(run, 'hour', at, next);
    await replayPeriod(run, 'day', at, next);
    at = next;
  }
  report.to = isoOf(at);
  report.next = at < end ? isoOf(at) : null;
  return report;
}

interface Run extends ReplayDeps {
  grid: Grid;
  closedUntil: number;
  report: ReplayReport;
}

function emptyReport(from: number): ReplayReport {
  return {
    from: isoOf(from),
    to: isoOf(from),
    slices: 0,
    events: 0,
    open: 0,
    costMicros: 0,
    hours: 0,
    days: 0,
    notClosed: 0,
    expired: 0,
    differenceCount: 0,
    differences: [],
    next: null,
  };
}

async function replaySlices(run: Run, from: number, to: number): Promise<void> {
  const slices: number[] = [];
  for (let at = from; at < to; at += TIME_SLICE_MS) slices.push(at);
  for (let at = 0; at < slices.length; at += SLICES_AT_ONCE) {
    await Promise.all(slices.slice(at, at + SLICES_AT_ONCE).map((slice) => replaySlice(run, slice)));
  }
}

async function replaySlice(run: Run, slice: number): Promise<void> {
  const { report, store } = run;
  report.slices += 1;
  const stored = await store.read('slice', slice);
  let computed: RollUp = EMPTY_ROLL_UP;
  for await (const page of store.readSliceEvents(slice)) {
    const events = page.map(({ event }) => event);
    for (const event of events) await replayEvent(run, event);
    computed = sumRollUps([computed, foldEvents(events)]);
  }
  if (slice >= run.closedUntil || (await store.isDirty(slice))) {
    report.notClosed += 1;
    return;
  }
  if (stored && stored.eventsUntil !== null && stored.eventsUntil <= run.clock() + EXPIRY_RESERVE_MS) {
    report.expired += 1;
    return;
  }
  compareRollUps(report, 'slice', slice, stored?.rollUp ?? EMPTY_ROLL_UP, computed);
}

async function replayEvent(run: Run, event: UsageEvent): Promise<void> {
  const { report } = run;
  const { closing } = event;
  report.events += 1;
  if (!closing) {
    report.open += 1;
    return;
  }
  report.costMicros += closing.costMicros;
  const version = closing.priceVersion ?? event.priceVersion;
  const price = version === null ? null : await run.findPrice(event.model, version);
  const cost = costMicros(closing.parts, price);
  if (cost === closing.costMicros) return;
  const computed = price === null && version !== null ? 'price unknown' : String(cost);
  addDifference(report, {
    kind: 'cost',
    where: event.requestId,
    row: null,
    stored: String(closing.costMicros),
    computed,
  });
}

/** The hour or day that ends where the replayed part ends, when it is closed. */
async function replayPeriod(run: Run, grain: 'hour' | 'day', from: number, to: number): Promise<void> {
  const { grid, report, store } = run;
  const start = grid.startOf(grain, from);
  const end = start + GRAIN_MS[grain];
  if (end !== to || end > run.closedUntil) return;
  report[grain === 'hour' ? 'hours' : 'days'] += 1;
  const { grain: part, starts } = grid.partsOf(grain, start);
  const parts = await Promise.all(starts.map((at) => store.read(part, at)));
  const whole = await store.read(grain, start);
  const computed = sumRollUps(parts.flatMap((one) => (one ? [one.rollUp] : [])));
  // Parts live shorter than their sums.
  if (parts.every((one) => one !== null))
    compareRollUps(report, grain, start, whole?.rollUp ?? EMPTY_ROLL_UP, computed);
  if (grain === 'day' && whole) await replayRows(run, start, whole.rollUp);
}

/** Each member's own rows against the packed day: they are what lifetime totals are made of. */
async function replayRows({ store, report }: Run, day: number, packed: RollUp): Promise<void> {
  const members = new Map([...packed.values()].map((row) => [`${row.dimension}\n${row.member}`, row]));
  const waiting = members.values();
  const rows: RollUpRow[] = [];
  const worker = async (): Promise<void> => {
    for (const { dimension, member } of waiting) {
      const found = await store.readRows(dimension, member, 'day', { from: day, to: day + 1 });
      rows.push(...found.map(({ row }) => row));
    }
  };
  await Promise.all(Array.from({ length: MEMBERS_AT_ONCE }, worker));
  compareRollUps(report, 'row', day, rollUpOf(rows), packed);
}

function compareRollUps(
  report: ReplayReport,
  kind: ReplayDifference['kind'],
  startMs: number,
  stored: RollUp,
  computed: RollUp,
): void {
  for (const row of differingRows(stored, computed)) {
    addDifference(report, {
      kind,
      where: isoOf(startMs),
      row: row.name.replaceAll('\n', ' '),
      stored: describeSums(row.stored),
      computed: describeSums(row.computed),
    });
  }
}

function addDifference(report: ReplayReport, difference: ReplayDifference): void {
  report.differenceCount += 1;
  if (report.differences.length < MOST_LISTED) report.differences.push(difference);
}

function describeSums({ requests, succeeded, costMicros: cost, durationMs, parts }: ReturnType<typeof noSums>): string {
  const counted = Object.entries(parts).flatMap(([part, count]) => (count === 0 ? [] : [`${part} ${count}`]));
  return [`requests ${requests}`, `succeeded ${succeeded}`, `cost ${cost}`, `ms ${durationMs}`, ...counted].join(', ');
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** One run meets the same few prices again and again. */
function rememberPrices(findPrice: ReplayDeps['findPrice']): ReplayDeps['findPrice'] {
  const known = new Map<string, Promise<Price | null>>();
  return (model, version) => {
    const id = `${version} ${model}`;
    const price = known.get(id) ?? findPrice(model, version);
    known.set(id, price);
    return price;
  };
}
