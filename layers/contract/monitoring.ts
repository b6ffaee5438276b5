import { z } from 'zod';
import { successOf } from './envelopes.ts';

const instant = z.iso.datetime({ offset: true });
const measured = z.number().nullable();

/** Null: nothing was measured. */
const figures = z.object({
  requests: z.int().meta({ description: 'That were let in and ended.' }),
  succeeded: z.int(),
  failed: z.int(),
  faults: z.int().meta({ description: 'Failed by no fault of their client.' }),
  errorRatePercent: measured,
  tokens: z.number(),
  costMicros: z.number(),
  meanDurationMs: measured,
  p50DurationMs: measured,
  p95DurationMs: measured,
  meanFirstByteMs: measured,
  p50FirstByteMs: measured,
  p95FirstByteMs: measured,
});
export type SystemFigures = z.infer<typeof figures>;

const named = figures.extend({ name: z.string() });
const point = figures.extend({ start: z.iso.datetime() });

export const metricsQuery = z.object({
  type: z.enum(['latest', 'history', 'trend']).default('latest'),
  interval: z.enum(['5m', '1h', '1d']).optional().meta({ description: 'Of history; 5m where absent.' }),
  period: z.enum(['24h', '7d', '30d']).optional().meta({ description: 'Of trend; 24h where absent.' }),
  from: instant.optional().meta({ description: 'Of history, ISO 8601.' }),
  to: instant.optional(),
  model: z.string().max(256).optional(),
  upstream: z.string().max(63).optional(),
  credential: z
    .string()
    .max(256)
    .optional()
    .meta({ description: 'With `upstream`: the name of one of its credentials.' }),
});
export type MetricsQuery = z.infer<typeof metricsQuery>;

const latest = z.object({
  type: z.literal('latest'),
  timestamp: z.iso.datetime(),
  inFlight: measured.meta({ description: 'Requests under way; null: too many events to count them.' }),
  last5Minutes: figures,
  lastHour: figures,
  byModel: z.array(named).meta({ description: 'Of the last hour, as the other lists.' }),
  byUpstream: z.array(named),
  byCredential: z.array(named),
  credentials: z.record(z.string(), z.int()).meta({ description: 'How many are in each state.' }),
  alerts: z.object({ active: z.int(), critical: z.int(), unknown: z.int(), evaluatedAt: z.iso.datetime().nullable() }),
  schedules: z.object({
    rollUpAgeSeconds: measured.meta({
      description: 'Since the end of the last closed sums; some 30 minutes is usual.',
    }),
    sweepAgeSeconds: measured.meta({ description: 'Since the last time swept; some 20 minutes is usual.' }),
  }),
  process: z
    .object({ memoryBytes: z.number(), uptimeSeconds: z.number() })
    .meta({ description: 'Of the admin process that answers; the relay is watched by CloudWatch.' }),
  upToDate: z.boolean(),
});

const history = z.object({
  type: z.literal('history'),
  interval: z.enum(['5m', '1h', '1d']),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  points: z.array(point),
  upToDate: z.boolean(),
});

const trend = z.object({
  type: z.literal('trend'),
  period: z.enum(['24h', '7d', '30d']),
  current: figures,
  previous: figures.meta({ description: 'Of the period before, as long.' }),
  changePercent: z.record(z.string(), measured).meta({ description: 'Null where there was nothing before.' }),
  points: z.array(point),
  upToDate: z.boolean(),
});

export const metricsAnswer = successOf(z.discriminatedUnion('type', [latest, history, trend]));
export type LatestMetrics = z.infer<typeof latest>;
export type MetricsHistory = z.infer<typeof history>;
export type MetricsTrend = z.infer<typeof trend>;
