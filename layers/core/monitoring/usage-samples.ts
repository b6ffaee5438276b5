import { totalTokens } from '@sluice/llm/formats/usage-figures';
import type { RollUpRow } from '../metering/roll-up.ts';
import { TIME_SLICE_MS } from '../metering/store.ts';
import type { MetricName, Sample } from './metrics.ts';
import { servedBy } from './pool-health.ts';

export interface TimedRow {
  /** When its event or time slice began. */
  at: number;
  row: RollUpRow;
}

type UsageMetric = Extract<
  MetricName,
  | 'errorRate'
  | 'faultRate'
  | 'meanFirstByteMs'
  | 'p95FirstByteMs'
  | 'meanDurationMs'
  | 'p95DurationMs'
  | 'requests'
  | 'tokens'
  | 'costMicros'
>;

/** What each row says to each metric. Requests that were refused for a limit were not served and count nowhere. */
const SAMPLES: Readonly<Record<UsageMetric, (row: RollUpRow, served: number) => Omit<Sample, 'at'>>> = {
  errorRate: ({ sums }, served) => ({ sum: Math.max(0, served - sums.succeeded), count: served }),
  faultRate: ({ service }, served) => ({ sum: service?.faults ?? 0, count: served }),
  meanFirstByteMs: ({ service }) => ({ sum: service?.firstByteMs ?? 0, count: service?.firstBytes ?? 0 }),
  p95FirstByteMs: ({ service }) => ({ sum: 0, count: service?.firstBytes ?? 0, buckets: service?.firstByteCounts }),
  meanDurationMs: ({ sums }, served) => ({ sum: sums.durationMs, count: served }),
  p95DurationMs: ({ service }, served) => ({ sum: 0, count: served, buckets: service?.durationCounts }),
  requests: (_row, served) => ({ sum: served, count: served }),
  tokens: ({ sums }, served) => ({ sum: totalTokens(sums.parts), count: served }),
  costMicros: ({ sums }, served) => ({ sum: sums.costMicros, count: served }),
};

export const USAGE_METRICS = Object.keys(SAMPLES) as UsageMetric[];

/** @param rows of the dimension `all` */
export function samplesOf(metric: UsageMetric, rows: readonly TimedRow[], now: number): Sample[] {
  return rows.map(({ at, row }) => ({ at: sampleTime(at, now), ...SAMPLES[metric](row, servedBy(row.service)) }));
}

/** A whole slice counts by its end, so that a window as long as a slice holds the last one. */
function sampleTime(at: number, now: number): number {
  return at % TIME_SLICE_MS === 0 ? Math.min(now, at + TIME_SLICE_MS - 1) : at;
}
