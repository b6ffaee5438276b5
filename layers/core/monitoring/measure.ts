import { mapLimited } from '@sluice/kit/async/map-limited';
import type { Logger } from '@sluice/kit/log/logger';
import { listShown, type ShownDeps } from '../credentials/list-shown.ts';
import type { PoolStateStore } from '../credentials/pool-state.ts';
import type { VaultStore } from '../credentials/store.ts';
import { ADMISSION_MARGIN_MS } from '../metering/margin.ts';
import { readUsage, type UsageReaderDeps } from '../metering/read-usage.ts';
import { LIVE_MS } from '../metering/roll-up-store.ts';
import { TIME_SLICE_MS, type SweepStore } from '../metering/store.ts';
import { budgetsInUse, type BudgetDeps } from './budgets.ts';
import type { IncidentStore } from './incidents.ts';
import { INCIDENT_KINDS } from './incidents.ts';
import { METRICS, UNKNOWN_SERIES, type MetricName, type Series, type Source } from './metrics.ts';
import { needingAttention, upstreamHealth, type WatchedUpstream } from './pool-health.ts';
import { probeAll, type Probes } from './probe.ts';
import { samplesOf, USAGE_METRICS, type TimedRow } from './usage-samples.ts';

/*
 * Measures what rules watch, each source by itself: what one of them cannot tell is unknown, and the others go on.
 * Usage is read once for all rules; of a tail of many events the last few thousand, the rest from the slices as the
 * roll-up job stored them.
 */

export interface MeasureDeps {
  usage: UsageReaderDeps;
  sweep: Pick<SweepStore, 'readSweptUntil'>;
  vault: Pick<VaultStore, 'listUpstreams'> & ShownDeps['vault'];
  tokens: ShownDeps['tokens'];
  poolStates: Pick<PoolStateStore, 'listStates'>;
  incidents: IncidentStore;
  budgets: BudgetDeps;
  /** One cheap read of each table, by its name. */
  probes: Probes;
  logger: Pick<Logger, 'warn'>;
}

export type Measures = ReadonlyMap<MetricName, Series>;

/** So long an upstream's failures count. */
const LATELY_MS = 10 * 60_000;
const MOST_EVENTS = 3_000;
const AT_ONCE = 6;

export interface MeasureRequest {
  metrics: ReadonlySet<MetricName>;
  /** The longest window of them. */
  windowMs: number;
  now: number;
}

export async function measure(deps: MeasureDeps, request: MeasureRequest): Promise<Measures> {
  const measures = new Map<MetricName, Series>();
  const wanted = new Set<Source | null>([...request.metrics].map((metric) => METRICS[metric].source));
  const tell = (metric: MetricName, series: Series): void => {
    if (request.metrics.has(metric)) measures.set(metric, series);
  };
  const needsRows = wanted.has('usage') || wanted.has('upstreams') || wanted.has('budgets');
  const rows = needsRows ? await attempt(deps, 'usage', () => readRows(deps, request)) : null;
  const sources: Partial<Record<Source, () => Promise<void>>> = {
    stores: async () => tell('storesDown', await countDown(deps, request)),
    upstreams: async () => tell('upstreamsDown', await countUpstreams(deps, rows, request)),
    credentials: async () => tell('credentialsNeedingAttention', await countCredentials(deps, request)),
    budgets: async () => tell('budgetUsedPercent', await nearestBudget(deps, rows, request)),
    schedules: async () => tell('scheduleDelayMinutes', await longestDelay(deps, request)),
    incidents: async () => {
      for (const kind of INCIDENT_KINDS) {
        if (request.metrics.has(kind)) tell(kind, await readIncidents(deps, kind, request));
      }
    },
  };
  await Promise.all(
    Object.entries(sources).map(([source, run]) =>
      wanted.has(source as Source) ? attempt(deps, source, run) : undefined,
    ),
  );
  const ofAll = rows?.filter(({ row }) => row.dimension === 'all');
  for (const metric of USAGE_METRICS) {
    tell(metric, ofAll ? { samples: samplesOf(metric, ofAll, request.now), isKnown: true } : UNKNOWN_SERIES);
  }
  return measures;
}

async function attempt<Value>(deps: MeasureDeps, source: string, run: () => Promise<Value>): Promise<Value | null> {
  try {
    return await run();
  } catch (error) {
    deps.logger.warn('not_measured', { source, internal: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

async function readRows(deps: MeasureDeps, { windowMs, now }: MeasureRequest): Promise<TimedRow[]> {
  const from = Math.floor((now - Math.max(windowMs, LATELY_MS)) / TIME_SLICE_MS) * TIME_SLICE_MS;
  const question = { dimension: null, member: null, coarsest: 'slice', mostEvents: MOST_EVENTS } as const;
  return (await readUsage(deps.usage, { ...question, range: { from, to: now + 1 } }, now)).rows;
}

async function countDown({ probes, logger }: MeasureDeps, { now }: MeasureRequest): Promise<Series> {
  const states = await probeAll(probes, (name, internal) =>
    logger.warn('dependency_down', { dependency: name, internal }),
  );
  return latest(
    now,
    Object.entries(states).flatMap(([name, state]) => (state === 'down' ? [name] : [])),
  );
}

async function countUpstreams(
  deps: MeasureDeps,
  rows: readonly TimedRow[] | null,
  { now }: MeasureRequest,
): Promise<Series> {
  if (rows === null) return UNKNOWN_SERIES;
  const lately = rows
    .filter(({ at, row }) => row.dimension === 'credential' && at > now - LATELY_MS)
    .map(({ row }) => row);
  const upstreams = await watchUpstreams(deps);
  const healths = upstreams.map((upstream) => upstreamHealth(upstream, lately, { now, latelyMs: LATELY_MS }));
  const down = upstreams.filter((_upstream, index) => healths[index] === 'down').map(({ name }) => name);
  return down.length === 0 && healths.includes('unknown') ? UNKNOWN_SERIES : latest(now, down);
}

async function countCredentials(deps: MeasureDeps, { now }: MeasureRequest): Promise<Series> {
  const upstreams = await watchUpstreams(deps);
  return latest(
    now,
    upstreams.flatMap((upstream) => needingAttention(upstream, now)),
  );
}

export async function watchUpstreams(
  deps: Pick<MeasureDeps, 'vault' | 'tokens' | 'poolStates'>,
): Promise<WatchedUpstream[]> {
  return mapLimited(await deps.vault.listUpstreams(), AT_ONCE, async ({ name }) => {
    const [credentials, states] = await Promise.all([listShown(deps, name), deps.poolStates.listStates(name)]);
    return { name, credentials, states };
  });
}

async function nearestBudget(
  deps: MeasureDeps,
  rows: readonly TimedRow[] | null,
  { now }: MeasureRequest,
): Promise<Series> {
  const upstreams = await watchUpstreams(deps);
  const credentials = upstreams.flatMap((upstream) => upstream.credentials);
  const budgets = await budgetsInUse(deps.budgets, { credentials, rows: (rows ?? []).map(({ row }) => row), now });
  const [nearest] = budgets.toSorted((left, right) => right.usedPercent - left.usedPercent);
  if (!nearest) return { samples: [{ at: now, sum: 0, count: 1 }], isKnown: true };
  const subjects = budgets.filter(({ usedPercent }) => usedPercent >= 80).map(({ name }) => name);
  return { samples: [{ at: now, sum: nearest.usedPercent, count: 1 }], isKnown: true, subjects };
}

async function readIncidents(
  { incidents }: MeasureDeps,
  kind: (typeof INCIDENT_KINDS)[number],
  { windowMs, now }: MeasureRequest,
): Promise<Series> {
  const found = await incidents.list(kind, { from: now - windowMs, to: now + 1 });
  return { samples: found.map(({ at, count }) => ({ at, sum: count, count: 1 })), isKnown: true };
}

/** Beyond what is usual: roll-ups close a slice that long after its end, and the sweep waits for the margin. */
async function longestDelay(deps: MeasureDeps, { now }: MeasureRequest): Promise<Series> {
  const ages = await scheduleAges(deps, now);
  const delays = [
    { name: 'roll-up-usage', ageMs: ages.rollUpMs, usualMs: LIVE_MS },
    { name: 'sweep-holds', ageMs: ages.sweepMs, usualMs: ADMISSION_MARGIN_MS },
  ].flatMap(({ name, ageMs, usualMs }) =>
    ageMs === null ? [] : [{ name, minutes: Math.max(0, (ageMs - usualMs - 2 * TIME_SLICE_MS) / 60_000) }],
  );
  const longest = Math.max(...delays.map(({ minutes }) => minutes));
  if (delays.length === 0) return UNKNOWN_SERIES;
  const subjects = delays.filter(({ minutes }) => minutes > 0).map(({ name }) => name);
  return { samples: [{ at: now, sum: Math.round(longest), count: 1 }], isKnown: true, subjects };
}

/** How long ago the time lies that each schedule has come to; null: it never ran. */
export async function scheduleAges(
  deps: Pick<MeasureDeps, 'sweep'> & { usage: { rollUps: Pick<UsageReaderDeps['rollUps'], 'readState'> } },
  now: number,
): Promise<{ rollUpMs: number | null; sweepMs: number | null }> {
  const [state, sweptUntil] = await Promise.all([deps.usage.rollUps.readState(), deps.sweep.readSweptUntil()]);
  return {
    rollUpMs: state === null ? null : Math.max(0, now - state.closedUntil),
    sweepMs: sweptUntil === null ? null : Math.max(0, now - sweptUntil),
  };
}

function latest(now: number, subjects: readonly string[]): Series {
  return { samples: [{ at: now, sum: subjects.length, count: 1 }], isKnown: true, subjects };
}
