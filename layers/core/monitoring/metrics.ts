/*
 * What an alert may watch: one table. Every figure is made of what is kept anyway (roll-ups, the pool's states, notes
 * of the schedules); what is not known is null, never zero.
 */

/** How the samples of a window become one figure. */
type Aggregate = 'percent' | 'mean' | 'p95' | 'total' | 'latest';

/** Where samples come from; a source that fails leaves its metrics unknown. */
export type Source = 'usage' | 'stores' | 'upstreams' | 'credentials' | 'budgets' | 'incidents' | 'schedules';

interface MetricFacts {
  aggregate: Aggregate;
  source: Source | null;
  unit: 'percent' | 'ms' | 'count' | 'micros' | 'minutes';
  /** Why there is no such figure, where there is none. */
  unavailable?: string;
}

export const METRICS = {
  /** Requests that failed, of all that ended. */
  errorRate: { aggregate: 'percent', source: 'usage', unit: 'percent' },
  /** Requests that failed and not by their client's fault. */
  faultRate: { aggregate: 'percent', source: 'usage', unit: 'percent' },
  /** From the request's arrival to the first byte of its answer. */
  meanFirstByteMs: { aggregate: 'mean', source: 'usage', unit: 'ms' },
  p95FirstByteMs: { aggregate: 'p95', source: 'usage', unit: 'ms' },
  /** To the answer's end: of a stream it mostly tells how long the answer was. */
  meanDurationMs: { aggregate: 'mean', source: 'usage', unit: 'ms' },
  p95DurationMs: { aggregate: 'p95', source: 'usage', unit: 'ms' },
  requests: { aggregate: 'total', source: 'usage', unit: 'count' },
  tokens: { aggregate: 'total', source: 'usage', unit: 'count' },
  costMicros: { aggregate: 'total', source: 'usage', unit: 'micros' },
  /** Tables that do not answer. */
  storesDown: { aggregate: 'latest', source: 'stores', unit: 'count' },
  /** Upstreams that every request of the window failed at, or whose credentials all failed last. */
  upstreamsDown: { aggregate: 'latest', source: 'upstreams', unit: 'count' },
  /** Credentials that their upstream refuses, or whose quota or money is used up. */
  credentialsNeedingAttention: { aggregate: 'latest', source: 'credentials', unit: 'count' },
  /** Of the credential that is nearest to the end of its monthly budget. */
  budgetUsedPercent: { aggregate: 'latest', source: 'budgets', unit: 'percent' },
  /** Closed sums that came out different from their events. */
  ledgerDrift: { aggregate: 'total', source: 'incidents', unit: 'count' },
  /** Requests that nobody settled, closed by the sweep. */
  abandonedRequests: { aggregate: 'total', source: 'incidents', unit: 'count' },
  /** Figures that came after their request was taken for dead. */
  lateUsage: { aggregate: 'total', source: 'incidents', unit: 'count' },
  /** How far behind the roll-ups or the sweep of holds are, whichever is more. */
  scheduleDelayMinutes: { aggregate: 'latest', source: 'schedules', unit: 'minutes' },
  memoryPercent: {
    aggregate: 'latest',
    source: null,
    unit: 'percent',
    unavailable:
      'The memory of a Lambda environment is known to Lambda only; the CloudWatch alarm RelayMemory watches it.',
  },
} as const satisfies Record<string, MetricFacts>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export function metricFacts(metric: MetricName): MetricFacts {
  return METRICS[metric];
}

/** Something measured at an instant, or over a short time that began then. */
export interface Sample {
  /** Milliseconds since the epoch. */
  at: number;
  sum: number;
  /** What `sum` is a share or a mean of. */
  count: number;
  /** Counts by bucket of `LATENCY_BOUNDS_MS`, for p95. */
  buckets?: readonly number[] | undefined;
}

export interface Series {
  samples: readonly Sample[];
  /** False: the source could not be read, so that no samples say nothing. */
  isKnown: boolean;
  /** What the figure is about: names of upstreams, credentials, tables. */
  subjects?: readonly string[] | undefined;
}

export const UNKNOWN_SERIES: Series = { samples: [], isKnown: false };

/**
 * The figure of the window that ends now: null when nothing is known. A total of nothing is zero; a rate or a mean of
 * nothing is unknown.
 * @param quantile reads a share from counts by bucket
 * @param atLeast a rate or mean of fewer is unknown
 */
export function aggregate(
  { metric, windowMs, atLeast }: { metric: MetricName; windowMs: number; atLeast: number },
  series: Series,
  { now, quantile }: { now: number; quantile: (counts: readonly number[], share: number) => number | null },
): number | null {
  if (!series.isKnown) return null;
  const samples = series.samples.filter(({ at }) => at > now - windowMs && at <= now);
  const { aggregate: kind } = metricFacts(metric);
  if (kind === 'latest') return samples.at(-1)?.sum ?? null;
  const sum = samples.reduce((total, sample) => total + sample.sum, 0);
  if (kind === 'total') return sum;
  const count = samples.reduce((total, sample) => total + sample.count, 0);
  if (count === 0 || count < atLeast) return null;
  if (kind === 'percent') return (100 * sum) / count;
  if (kind === 'mean') return sum / count;
  return quantile(addBuckets(samples), 0.95);
}

function addBuckets(samples: readonly Sample[]): number[] {
  const sums: number[] = [];
  for (const { buckets = [] } of samples) {
    for (const [index, count] of buckets.entries()) sums[index] = (sums[index] ?? 0) + count;
  }
  return sums;
}
