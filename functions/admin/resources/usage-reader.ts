import { readFilteredEvents, rowsOfEvents, type FilteredEvents } from '@sluice/core/metering/filtered-usage';
import { readUsage, type UsageReading } from '@sluice/core/metering/read-usage';
import { createGrid, type Dimension } from '@sluice/core/metering/roll-up';
import type { TimeRange, UsageFilter, UsageScope } from '@sluice/core/metering/usage-log';
import type { AdminServices } from '../services.ts';
import { memberOf } from './usage-scope.ts';

type Reading = Pick<UsageReading, 'rows' | 'isComplete' | 'grid'>;

/** Sums of one question: by roll-ups where they know what is asked, else of the events themselves. */
export interface UsageReader {
  /** Rows that add up to the whole. */
  whole(options?: WholeOptions): Promise<Reading>;
  /** Rows of every member of a dimension. */
  members(dimension: Dimension, options?: Pick<WholeOptions, 'coarsest' | 'from'>): Promise<Reading>;
  /** Sums are at hand for single members of the scope. */
  readonly isSummed: boolean;
}

export interface WholeOptions {
  coarsest?: 'hour' | undefined;
  from?: number | undefined;
  /** 0: as the last run of the roll-up job left it. */
  mostEvents?: number | undefined;
}

export interface UsageSelection {
  scope: UsageScope;
  filter: Omit<UsageFilter, 'range' | 'now'>;
  range: TimeRange;
}

export function createUsageReader(services: AdminServices, selection: UsageSelection): UsageReader {
  const { scope, filter, range } = selection;
  const now = services.clock();
  const place = placeOfSums(selection);
  const since = (from: number): TimeRange => ({ ...range, from: Math.max(range.from, from) });
  let events: Promise<FilteredEvents> | null = null;
  const ofEvents = async (dimension: Dimension): Promise<Reading> => {
    const lists = { ...services.rollUps, ...services.usage };
    events ??= readFilteredEvents(lists, scope, { ...filter, range, now });
    const { events: found, isComplete } = await events;
    const state = await services.rollUps.readState();
    return { rows: rowsOfEvents(found, dimension), isComplete, grid: createGrid(state?.offsetMinutes ?? 0) };
  };
  const narrowed = <Kind extends Reading>(reading: Kind): Kind => ({
    ...reading,
    rows: reading.rows.filter(
      ({ row }) =>
        (filter.model === undefined || row.model === filter.model) &&
        (filter.upstream === undefined || row.member.startsWith(`${filter.upstream}/`)),
    ),
  });
  const readWhole = async ({ coarsest, mostEvents, from = 0 }: WholeOptions): Promise<Reading> => {
    if (place === null) return ofEvents('all');
    return narrowed(await readUsage(services, { ...place, range: since(from), coarsest, mostEvents }, now));
  };
  const readMembers = async (dimension: Dimension, { coarsest, from = 0 }: WholeOptions): Promise<Reading> => {
    const isOfAll = place?.dimension === 'all' || (place?.dimension === dimension && place.member === null);
    if (!isOfAll) return ofEvents(dimension);
    return narrowed(await readUsage(services, { dimension, member: null, range: since(from), coarsest }, now));
  };
  // Sums, groups and series of one question are often of the same rows, which are read once.
  const once = createMemory<Reading>();
  return {
    isSummed: place !== null,
    whole: (options = {}) => once(`whole ${JSON.stringify(options)}`, () => readWhole(options)),
    members: (dimension, options = {}) =>
      once(`${dimension} ${JSON.stringify(options)}`, () => readMembers(dimension, options)),
  };
}

function createMemory<Value>(): (name: string, read: () => Promise<Value>) => Promise<Value> {
  const known = new Map<string, Promise<Value>>();
  return (name, read) => {
    const value = known.get(name) ?? read();
    known.set(name, value);
    return value;
  };
}

/** Which rows say what is asked; null: none do. Rows tell models apart, so that one more filter is no matter. */
function placeOfSums({ scope, filter }: UsageSelection): { dimension: Dimension; member: string | null } | null {
  const { success, clientApp, format, upstream, credential, status, error, stream, minDurationMs } = filter;
  if ([success, status, error, stream, minDurationMs].some((one) => one !== undefined)) return null;
  const narrowed = [
    { dimension: 'app', member: clientApp },
    { dimension: 'format', member: format },
    { dimension: 'credential', member: credential },
    // An upstream is all of its credentials.
    { dimension: 'credential', member: upstream === undefined ? undefined : null },
  ] as const;
  const given = narrowed.filter(({ member }) => member !== undefined);
  const [only] = given;
  // A key's sums do not tell its users apart.
  if (only === undefined) return scope.kind === 'key' && scope.userId !== null ? null : memberOf(scope);
  if (given.length > 1 || scope.kind !== 'all') return null;
  return { dimension: only.dimension, member: only.member ?? (only.dimension === 'credential' ? null : '') };
}
