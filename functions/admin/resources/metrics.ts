import type {
  LatestMetrics,
  MetricsHistory,
  MetricsQuery,
  MetricsTrend,
  SystemFigures,
} from '@sluice/contract/monitoring';
import { displayState, DISPLAY_STATES } from '@sluice/core/credentials/display-state';
import { readUsage, type UsageReading } from '@sluice/core/metering/read-usage';
import { GRAIN_MS, type RollUpRow } from '@sluice/core/metering/roll-up';
import { scheduleAges, watchUpstreams } from '@sluice/core/monitoring/measure';
import { changesOf, figuresByName, figuresOf } from '@sluice/core/monitoring/system-figures';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const INTERVALS = {
  '5m': { grain: 'slice', usualMs: 12 * HOUR_MS, mostMs: 2 * DAY_MS },
  '1h': { grain: 'hour', usualMs: 7 * DAY_MS, mostMs: 31 * DAY_MS },
  '1d': { grain: 'day', usualMs: 30 * DAY_MS, mostMs: 400 * DAY_MS },
} as const;

const PERIODS = {
  '24h': { ms: DAY_MS, interval: '1h' },
  '7d': { ms: 7 * DAY_MS, interval: '1d' },
  '30d': { ms: 30 * DAY_MS, interval: '1d' },
} as const;

export async function showMetrics(
  services: AdminServices,
  call: Call<undefined, MetricsQuery, Caller>,
): Promise<Answer> {
  const { query } = call;
  if (query.credential !== undefined && query.upstream === undefined) {
    throw new GatewayError('invalid_field', {
      message: 'A credential is named with its upstream.',
      param: 'credential',
    });
  }
  if (query.type === 'history') return success(await historyOf(services, query));
  return success(query.type === 'trend' ? await trendOf(services, query) : await latestOf(services, query));
}

/** Asked by pages that refresh themselves, from several windows at once. */
const REMEMBERED_MS = 3_000;
const remembered = new WeakMap<AdminServices, Map<string, { at: number; answer: Promise<LatestMetrics> }>>();

async function latestOf(services: AdminServices, query: MetricsQuery): Promise<LatestMetrics> {
  const now = services.clock();
  const known = remembered.get(services) ?? new Map<string, { at: number; answer: Promise<LatestMetrics> }>();
  remembered.set(services, known);
  const name = JSON.stringify([query.model, query.upstream, query.credential]);
  const last = known.get(name);
  if (last && now >= last.at && now - last.at < REMEMBERED_MS) return last.answer;
  const answer = measureLatest(services, query, now);
  if (known.size > 50) known.clear();
  known.set(name, { at: now, answer });
  answer.catch(() => known.delete(name));
  return answer;
}

async function measureLatest(services: AdminServices, query: MetricsQuery, now: number): Promise<LatestMetrics> {
  const question = {
    dimension: null,
    member: null,
    coarsest: 'slice',
    range: { from: now - HOUR_MS, to: now + 1 },
  } as const;
  const [reading, credentials, board, ages] = await Promise.all([
    readUsage(services, question, now),
    countCredentials(services, now),
    services.alertStore.readBoard(),
    scheduleAges({ sweep: services.sweep, usage: services }, now),
  ]);
  const rows = ofDimension(reading.rows, query);
  const young = rows.filter(({ at }) => at > now - 5 * MINUTE_MS);
  const ofCredentials = reading.rows
    .map(({ row }) => row)
    .filter((row) => row.dimension === 'credential' && isWanted(row, query));
  const firing = Object.values(board.states).flatMap(({ alert }) => alert ?? []);
  const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 1000));
  return {
    type: 'latest',
    timestamp: new Date(now).toISOString(),
    inFlight: reading.isComplete ? reading.open : null,
    last5Minutes: figuresOf(young.map(({ row }) => row)),
    lastHour: figuresOf(rows.map(({ row }) => row)),
    byModel: figuresByName(
      rows.map(({ row }) => row),
      ({ model }) => model,
    ),
    byUpstream: figuresByName(ofCredentials, ({ member }) => member.slice(0, member.indexOf('/'))),
    byCredential: figuresByName(ofCredentials, ({ member }) => member),
    credentials,
    alerts: {
      active: firing.length,
      critical: firing.filter(({ severity }) => severity === 'critical').length,
      unknown: Object.values(board.states).filter(({ status }) => status === 'unknown').length,
      evaluatedAt: board.evaluatedAt === 0 ? null : new Date(board.evaluatedAt).toISOString(),
    },
    schedules: { rollUpAgeSeconds: seconds(ages.rollUpMs), sweepAgeSeconds: seconds(ages.sweepMs) },
    process: {
      memoryBytes: process.memoryUsage.rss(),
      uptimeSeconds: Math.max(0, Math.round((now - services.startedAt) / 1000)),
    },
    upToDate: reading.isComplete,
  };
}

async function countCredentials(services: AdminServices, now: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = Object.fromEntries([...DISPLAY_STATES, 'total'].map((state) => [state, 0]));
  for (const { credentials, states } of await watchUpstreams(services)) {
    for (const credential of credentials) {
      const own = states.filter(({ credentialId }) => credentialId === credential.id);
      const { state } = displayState(credential, own, now);
      counts[state] = (counts[state] ?? 0) + 1;
      counts['total'] = (counts['total'] ?? 0) + 1;
    }
  }
  return counts;
}

async function historyOf(services: AdminServices, query: MetricsQuery): Promise<MetricsHistory> {
  const now = services.clock();
  const interval = query.interval ?? '5m';
  const { usualMs, mostMs } = INTERVALS[interval];
  const to = query.to === undefined ? now + 1 : Math.min(Date.parse(query.to), now + 1);
  const from = query.from === undefined ? to - usualMs : Date.parse(query.from);
  if (from >= to)
    throw new GatewayError('invalid_field', { message: 'The range ends before it begins.', param: 'from' });
  if (to - from > mostMs) {
    const most = `${mostMs / HOUR_MS} hours`;
    throw new GatewayError('invalid_field', {
      message: `With ${interval}, a range has at most ${most}.`,
      param: 'from',
    });
  }
  const series = await seriesOf(services, { query, interval, from, to });
  const [fromText, toText] = [from, to].map((at) => new Date(at).toISOString());
  return { type: 'history', interval, from: fromText ?? '', to: toText ?? '', ...series };
}

async function trendOf(services: AdminServices, query: MetricsQuery): Promise<MetricsTrend> {
  const now = services.clock();
  const period = query.period ?? '24h';
  const { ms, interval } = PERIODS[period];
  const to = now + 1;
  const [before, series] = await Promise.all([
    read(services, query, { from: to - 2 * ms, to: to - ms, coarsest: 'day' }),
    read(services, query, { from: to - ms, to, coarsest: INTERVALS[interval].grain }),
  ]);
  const current = figuresOf(series.rows.map(({ row }) => row));
  const previous = figuresOf(before.rows.map(({ row }) => row));
  const { points } = pointsOf(series, { interval, from: to - ms, to });
  const changePercent = changesOf(previous, current);
  return { type: 'trend', period, current, previous, changePercent, points, upToDate: series.isComplete };
}

interface Span {
  interval: keyof typeof INTERVALS;
  from: number;
  to: number;
}

async function seriesOf(services: AdminServices, { query, ...span }: Span & { query: MetricsQuery }) {
  const reading = await read(services, query, { ...span, coarsest: INTERVALS[span.interval].grain });
  return pointsOf(reading, span);
}

/** One for each interval of the range, those without a request too. */
function pointsOf(reading: UsageReading, { interval, from, to }: Span): Pick<MetricsHistory, 'points' | 'upToDate'> {
  const { grain } = INTERVALS[interval];
  const byStart = Map.groupBy(reading.rows, ({ at }) => reading.grid.startOf(grain, at));
  const points: (SystemFigures & { start: string })[] = [];
  for (let start = reading.grid.startOf(grain, from); start < to; start += GRAIN_MS[grain]) {
    const rows = (byStart.get(start) ?? []).map(({ row }) => row);
    points.push({ start: new Date(start).toISOString(), ...figuresOf(rows) });
  }
  return { points, upToDate: reading.isComplete };
}

async function read(
  services: AdminServices,
  query: MetricsQuery,
  { from, to, coarsest }: { from: number; to: number; coarsest: 'slice' | 'hour' | 'day' },
): Promise<UsageReading> {
  const dimension = query.upstream === undefined ? 'all' : 'credential';
  const reading = await readUsage(
    services,
    { dimension, member: null, coarsest, range: { from, to } },
    services.clock(),
  );
  return { ...reading, rows: ofDimension(reading.rows, query) };
}

/** Everything's rows, or the credentials' where one upstream is asked for. */
function ofDimension(rows: UsageReading['rows'], query: MetricsQuery): UsageReading['rows'] {
  const dimension = query.upstream === undefined ? 'all' : 'credential';
  return rows.filter(({ row }) => row.dimension === dimension && isWanted(row, query));
}

function isWanted({ dimension, member, model }: RollUpRow, query: MetricsQuery): boolean {
  const { upstream, credential } = query;
  if (query.model !== undefined && model !== query.model) return false;
  if (upstream === undefined || dimension !== 'credential') return true;
  return credential === undefined ? member.startsWith(`${upstream}/`) : member === `${upstream}/${credential}`;
}
