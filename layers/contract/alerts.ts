import { z } from 'zod';
import { pageQuery, successOf } from './envelopes.ts';

export const ALERT_METRICS = [
  'errorRate',
  'faultRate',
  'meanFirstByteMs',
  'p95FirstByteMs',
  'meanDurationMs',
  'p95DurationMs',
  'requests',
  'tokens',
  'costMicros',
  'storesDown',
  'upstreamsDown',
  'credentialsNeedingAttention',
  'budgetUsedPercent',
  'ledgerDrift',
  'abandonedRequests',
  'lateUsage',
  'scheduleDelayMinutes',
  'memoryPercent',
] as const;

const comparison = z.enum(['>', '>=', '<', '<=']);
const severity = z.enum(['info', 'warning', 'critical']);
const language = z.enum(['en', 'zh']);
const instant = z.iso.datetime({ offset: true });

const mailChannel = z.strictObject({
  type: z.literal('mail'),
  to: z
    .union([z.literal('admins'), z.array(z.email().max(254)).min(1).max(20)])
    .default('admins')
    .meta({ description: 'Addresses, or `admins`: every administrator with a confirmed address.' }),
  language: language.default('en'),
});
const webhookChannel = z.strictObject({ type: z.literal('webhook'), webhookId: z.string().min(1).max(100) });
const channel = z.discriminatedUnion('type', [mailChannel, webhookChannel]);

const ruleName = z.string().trim().min(1).max(120);
const ruleFields = {
  name: ruleName,
  metric: z.enum(ALERT_METRICS),
  comparison: comparison.default('>'),
  threshold: z.number().min(-1e15).max(1e15),
  windowMinutes: z.int().min(1).max(1440).default(5).meta({ description: 'The figure is of so many minutes.' }),
  cooldownMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(15)
    .meta({ description: 'After a notice there is no other of this rule for so long.' }),
  severity: severity.default('warning'),
  enabled: z.boolean().default(true),
  minimumRequests: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .meta({ description: 'A rate or a mean of fewer requests is unknown.' }),
  channels: z.array(channel).max(10).default([]),
};

export const createAlertRuleInput = z.strictObject(ruleFields);
export type CreateAlertRuleInput = z.infer<typeof createAlertRuleInput>;

/** What is left out stays as it is. */
export const changeAlertRuleInput = z
  .strictObject({
    name: ruleName,
    metric: z.enum(ALERT_METRICS),
    comparison,
    threshold: ruleFields.threshold,
    windowMinutes: z.int().min(1).max(1440),
    cooldownMinutes: z.int().min(1).max(10_080),
    severity,
    enabled: z.boolean(),
    minimumRequests: z.int().min(1).max(1_000_000),
    channels: z.array(channel).max(10),
  })
  .partial();

export const alertRuleView = z.object({
  id: z.string(),
  name: z.string(),
  metric: z.enum(ALERT_METRICS),
  unit: z.enum(['percent', 'ms', 'count', 'micros', 'minutes']),
  comparison,
  threshold: z.number(),
  windowMinutes: z.int(),
  cooldownMinutes: z.int(),
  severity,
  enabled: z.boolean(),
  minimumRequests: z.int(),
  channels: z.array(z.union([mailChannel, webhookChannel])),
  builtIn: z.boolean(),
  unavailable: z.string().nullable().meta({ description: 'Why the rule cannot be on, where it cannot.' }),
  status: z.enum(['ok', 'unknown', 'quiet', 'firing', 'off']),
  value: z.number().nullable().meta({ description: 'At the last evaluation; null: unknown.' }),
  statusSince: z.iso.datetime().nullable(),
  runbook: z.string(),
  updatedAt: z.iso.datetime().nullable(),
});
export type AlertRuleView = z.infer<typeof alertRuleView>;

export const alertView = z.object({
  id: z.string(),
  ruleId: z.string(),
  ruleName: z.string(),
  metric: z.enum(ALERT_METRICS),
  comparison,
  threshold: z.number(),
  windowMinutes: z.int(),
  severity,
  status: z.enum(['active', 'acknowledged', 'resolved']),
  value: z.number().meta({ description: 'The figure that fired it.' }),
  subjects: z.array(z.string()),
  summary: z.object({ en: z.string(), zh: z.string() }),
  firedAt: z.iso.datetime(),
  reminders: z.int(),
  acknowledgedAt: z.iso.datetime().nullable(),
  acknowledgedBy: z.string().nullable(),
  note: z.string().nullable(),
  resolvedAt: z.iso.datetime().nullable(),
  resolvedBecause: z.enum(['recovered', 'no-data', 'switched-off']).nullable(),
  runbook: z.string(),
});
export type AlertView = z.infer<typeof alertView>;

const range = {
  ...pageQuery,
  from: instant.optional().meta({ description: 'ISO 8601; 30 days ago where absent.' }),
  to: instant.optional(),
};

export const alertsQuery = z.object({ type: z.enum(['active', 'history', 'rules']).default('active'), ...range });

export const alertsAnswer = successOf(
  z.object({
    type: z.enum(['active', 'history', 'rules']),
    alerts: z.array(alertView).optional(),
    rules: z.array(alertRuleView).optional(),
    evaluatedAt: z.iso.datetime().nullable().meta({ description: 'Null: never.' }),
    next_cursor: z.string().nullable(),
  }),
);

export const acknowledgeInput = z.strictObject({ note: z.string().trim().max(500).optional() }).default({});

/** Nothing has to be said for a test. */
export const testInput = z.strictObject({}).default({});

export const deliveryView = z.object({
  id: z.string().meta({ description: 'The receiver is given it as webhook-id, with `msg_` before it.' }),
  kind: z.enum(['alert.fired', 'alert.reminded', 'alert.resolved', 'alert.test']),
  alertId: z.string(),
  ruleId: z.string(),
  target: z.object({ type: z.enum(['mail', 'webhook']), to: z.string().nullable() }),
  status: z.enum(['pending', 'delivered', 'failed', 'skipped']),
  attempts: z.int(),
  responseStatus: z.int().nullable(),
  error: z.string().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
});
export type DeliveryView = z.infer<typeof deliveryView>;

export const deliveriesQuery = z.object(range);
export const deliveriesAnswer = successOf(
  z.object({
    pending: z.array(deliveryView).meta({ description: 'On their way, oldest first; with the first page.' }),
    deliveries: z.array(deliveryView),
    next_cursor: z.string().nullable(),
  }),
);
export const testAnswer = successOf(z.object({ deliveries: z.array(deliveryView) }));
