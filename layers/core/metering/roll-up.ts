import { isSuccess } from './outcome.ts';
import { serviceOfAttempts, serviceOfEvent, sumService, type ServiceSums } from './service-sums.ts';
import { NO_USAGE, TIME_SLICE_MS, type UsageEvent, type UsageParts } from './store.ts';

/*
 * What usage adds up to: pure sums, no store. A roll-up holds one row per dimension, member and public model; every
 * coarser figure (a model, a user, everything) is a sum of rows, so no two of them can disagree. Sums of whole numbers
 * do not depend on their order, which is what lets a roll-up be computed again, in parts, and by two at once.
 */

export interface UsageSums {
  requests: number;
  succeeded: number;
  costMicros: number;
  durationMs: number;
  parts: UsageParts;
}

/**
 * `all` has the one member ''. The member of `credential` is `<upstream>/<credential>`, of `app` the client's program ('':
 * it did not say), of `format` the client's language; of the others it is an id.
 */
export type Dimension = 'all' | 'user' | 'key' | 'credential' | 'app' | 'format';

export interface RollUpRow {
  dimension: Dimension;
  member: string;
  /** The public model that clients asked for. */
  model: string;
  sums: UsageSums;
  /** Of `all`, and of `credential` by its calls; absent where nothing was counted, and never compared. */
  service?: ServiceSums | undefined;
}

/** Rows by `rowName`. */
export type RollUp = ReadonlyMap<string, Readonly<RollUpRow>>;

export type Grain = 'slice' | 'hour' | 'day';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
export const GRAIN_MS: Readonly<Record<Grain, number>> = { slice: TIME_SLICE_MS, hour: HOUR_MS, day: DAY_MS };

export const EMPTY_ROLL_UP: RollUp = new Map();

export function noSums(): UsageSums {
  return { requests: 0, succeeded: 0, costMicros: 0, durationMs: 0, parts: { ...NO_USAGE } };
}

/** Adds `more` to `sums`, in place. */
export function addSums(sums: UsageSums, more: UsageSums): void {
  sums.requests += more.requests;
  sums.succeeded += more.succeeded;
  sums.costMicros += more.costMicros;
  sums.durationMs += more.durationMs;
  for (const part of PART_NAMES) sums.parts[part] += more.parts[part];
}

/** Takes `less` from `sums`, in place. */
export function subtractSums(sums: UsageSums, less: UsageSums): void {
  sums.requests -= less.requests;
  sums.succeeded -= less.succeeded;
  sums.costMicros -= less.costMicros;
  sums.durationMs -= less.durationMs;
  for (const part of PART_NAMES) sums.parts[part] -= less.parts[part];
}

/** What one event adds: nothing while it is open. */
export function sumsOfEvent(event: UsageEvent): UsageSums | null {
  const { closing } = event;
  if (!closing) return null;
  return {
    requests: 1,
    succeeded: isSuccess(event) ? 1 : 0,
    costMicros: closing.costMicros,
    durationMs: closing.durationMs,
    parts: closing.parts,
  };
}

export function foldEvents(events: Iterable<UsageEvent>): RollUp {
  const rows = new Map<string, RollUpRow>();
  for (const event of events) {
    const sums = sumsOfEvent(event);
    if (sums === null) continue;
    const { model } = event;
    const service = serviceOfEvent(event);
    for (const [dimension, member] of membersOf(event)) {
      addRow(rows, { dimension, member, model, sums, ...(dimension === 'all' && service && { service }) });
    }
    // Of a credential it is how each call to it went, those too whose request went on elsewhere: they used nothing.
    for (const called of serviceOfAttempts(event)) {
      addRow(rows, { dimension: 'credential', model, sums: noSums(), ...called });
    }
  }
  return rows;
}

export function sumRollUps(rollUps: Iterable<RollUp>): RollUp {
  const rows = new Map<string, RollUpRow>();
  for (const rollUp of rollUps) for (const row of rollUp.values()) addRow(rows, row);
  return rows;
}

/** Rows given one by one, in any order and any number of times a name. */
export function rollUpOf(rows: Iterable<RollUpRow>): RollUp {
  const sums = new Map<string, RollUpRow>();
  for (const row of rows) addRow(sums, row);
  return sums;
}

/**
 * The rows whose sums differ; a row of nothing is as good as none. What was stored before a dimension was counted says
 * nothing of it, and is right all the same.
 */
export function differingRows(stored: RollUp, computed: RollUp): RowDifference[] {
  const known = stored.size === 0 ? null : new Set([...OLD_DIMENSIONS, ...dimensionsOf(stored)]);
  const isKnown = ({ name }: RowDifference): boolean => known?.has(name.split('\n', 1)[0] as Dimension) ?? true;
  return changedRows(stored, computed).filter(isKnown);
}

interface RowDifference {
  name: string;
  stored: UsageSums;
  computed: UsageSums;
}

/** All rows whose sums differ, of whatever dimension. */
export function changedRows(stored: RollUp, computed: RollUp): RowDifference[] {
  const names = new Set([...stored.keys(), ...computed.keys()]);
  return [...names].toSorted().flatMap((name) => {
    const pair = { stored: stored.get(name)?.sums ?? noSums(), computed: computed.get(name)?.sums ?? noSums() };
    return isSameSums(pair.stored, pair.computed) ? [] : [{ name, ...pair }];
  });
}

/** Counted from the first day on. */
const OLD_DIMENSIONS: readonly Dimension[] = ['all', 'user', 'key', 'credential'];

function dimensionsOf(rollUp: RollUp): Dimension[] {
  return [...rollUp.values()].map((row) => row.dimension);
}

export function isSameRollUp(left: RollUp, right: RollUp): boolean {
  return differingRows(left, right).length === 0;
}

/** `next`, with rows of nothing for what `before` had besides: overwriting with it leaves no old figure behind. */
export function overwriting(before: RollUp, next: RollUp): RollUp {
  const vanished = [...before.values()].filter((row) => !next.has(rowName(row)));
  return vanished.length === 0
    ? next
    : rollUpOf([...next.values(), ...vanished.map((row) => ({ ...row, sums: noSums() }))]);
}

export function rowName({ dimension, member, model }: Pick<RollUpRow, 'dimension' | 'member' | 'model'>): string {
  return `${dimension}\n${member}\n${model}`;
}

/** The grid of hours and days. An offset that is no multiple of a time slice is drawn to the one before. */
export interface Grid {
  /** The beginning of the slice, hour or day that an instant lies in. */
  startOf(grain: Grain, timeMs: number): number;
  /** The beginnings of the parts (an hour's slices, a day's hours) of what begins at `startMs`. */
  partsOf(grain: 'hour' | 'day', startMs: number): { grain: 'slice' | 'hour'; starts: number[] };
}

export function createGrid(offsetMinutes: number): Grid {
  const offsetMs = Math.floor((offsetMinutes * 60_000) / TIME_SLICE_MS) * TIME_SLICE_MS;
  return {
    startOf: (grain, timeMs) => Math.floor((timeMs + offsetMs) / GRAIN_MS[grain]) * GRAIN_MS[grain] - offsetMs,
    partsOf(grain, startMs) {
      const part = grain === 'hour' ? 'slice' : 'hour';
      const starts: number[] = [];
      for (let at = startMs; at < startMs + GRAIN_MS[grain]; at += GRAIN_MS[part]) starts.push(at);
      return { grain: part, starts };
    },
  };
}

const PART_NAMES = Object.keys(NO_USAGE) as (keyof UsageParts)[];

function membersOf(event: UsageEvent): [Dimension, string][] {
  const members: [Dimension, string][] = [
    ['all', ''],
    ['user', event.userId],
    ['key', event.keyId],
    ['app', event.clientApp ?? ''],
    ['format', event.format],
  ];
  const { upstream = null, credential = null } = event.closing ?? {};
  if (upstream !== null && credential !== null) members.push(['credential', `${upstream}/${credential}`]);
  return members;
}

function addRow(rows: Map<string, RollUpRow>, row: RollUpRow): void {
  const name = rowName(row);
  const known = rows.get(name);
  if (known) {
    addSums(known.sums, row.sums);
    if (row.service) known.service = sumService(known.service, row.service);
  } else rows.set(name, { ...row, sums: { ...row.sums, parts: { ...row.sums.parts } } });
}

function isSameSums(left: UsageSums, right: UsageSums): boolean {
  return (
    left.requests === right.requests &&
    left.succeeded === right.succeeded &&
    left.costMicros === right.costMicros &&
    left.durationMs === right.durationMs &&
    PART_NAMES.every((part) => left.parts[part] === right.parts[part])
  );
}
