import { METRIC_NAMES } from '@sluice/core/monitoring/metrics';
import {
  COMPARISONS,
  SEVERITIES,
  type Alert,
  type AlertRule,
  type Board,
  type Delivery,
  type FinishedDelivery,
  type RuleState,
  type Webhook,
} from '@sluice/core/monitoring/store';
import { LANGUAGES } from '@sluice/core/mail/language';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import {
  boolean,
  isObject,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  shapeOf,
  text,
  type Shape,
} from './shape.ts';

const rule = {
  metric: oneOf(METRIC_NAMES),
  comparison: oneOf(COMPARISONS),
  threshold: number,
  windowMinutes: number,
  severity: oneOf(SEVERITIES),
};

const mailTo = object({ type: oneOf(['mail']), to: nullable(text), language: oneOf(LANGUAGES) });
const mailChannel = object({
  type: oneOf(['mail']),
  to: either(oneOf(['admins']), list(text)),
  language: oneOf(LANGUAGES),
});
const webhookTarget = object({ type: oneOf(['webhook']), webhookId: text });

/** The first of two that is a text or a list, told apart by the value itself. */
function either<Left, Right>(left: Shape<Left>, right: Shape<Right>): Shape<Left | Right> {
  return { read: (value, at) => (Array.isArray(value) ? right.read(value, at) : left.read(value, at)) };
}

function byType<Mail, Hook>(mail: Shape<Mail>, webhook: Shape<Hook>): Shape<Mail | Hook> {
  const isWebhook = (value: unknown): boolean => isObject(value) && value['type'] === 'webhook';
  return { read: (value, at) => (isWebhook(value) ? webhook.read(value, at) : mail.read(value, at)) };
}

const alert: Shape<Alert> = object({
  id: text,
  ruleId: text,
  ruleName: text,
  ...rule,
  value: number,
  subjects: list(text),
  firedAt: number,
  reminders: number,
  acknowledged: nullable(object({ at: number, by: text, note: nullable(text) })),
  resolved: nullable(object({ at: number, because: oneOf(['recovered', 'no-data', 'switched-off']) })),
});

const state: Shape<RuleState> = object({
  status: oneOf(['ok', 'unknown', 'quiet', 'firing']),
  since: number,
  value: nullable(number),
  notifiedAt: nullable(number),
  unknownSince: nullable(number),
  alert: nullable(alert),
});

const delivery = {
  id: text,
  kind: oneOf(['alert.fired', 'alert.reminded', 'alert.resolved', 'alert.test']),
  alert,
  target: byType(mailTo, webhookTarget),
  createdAt: number,
  attempts: number,
  nextAt: number,
  lastError: nullable(text),
  lastStatus: nullable(number),
};

export const ALERT_RULE_ITEM = defineItemSchema<AlertRule>({
  type: 'alertRule',
  schema: object({
    id: text,
    name: text,
    ...rule,
    cooldownMinutes: number,
    enabled: boolean,
    minimumRequests: number,
    channels: list(byType(mailChannel, webhookTarget)),
    builtIn: boolean,
    updatedAt: number,
  }),
});

export const ALERT_BOARD_ITEM = defineItemSchema<Board>({
  type: 'alertBoard',
  schema: object({ version: number, evaluatedAt: number, states: record(state) }),
});

export const ALERT_ITEM = defineItemSchema<Alert>({ type: 'alert', schema: alert });

export const DELIVERY_ITEM = defineItemSchema<Delivery>({ type: 'alertDelivery', schema: object(delivery) });

export const FINISHED_DELIVERY_ITEM = defineItemSchema<FinishedDelivery>({
  type: 'alertDelivered',
  schema: object({ ...delivery, outcome: oneOf(['delivered', 'failed', 'skipped']), finishedAt: number }),
});

export const WEBHOOK_ITEM = defineItemSchema<Webhook>({
  type: 'webhook',
  schema: object({
    id: text,
    name: text,
    url: shapeOf((value): value is string => typeof value === 'string' && URL.canParse(value)),
    enabled: boolean,
    salt: text,
    pepperVersion: text,
    createdAt: number,
    updatedAt: number,
  }),
});

export const ALERT_ITEMS: readonly AnyItemSchema[] = [
  ALERT_RULE_ITEM,
  ALERT_BOARD_ITEM,
  ALERT_ITEM,
  DELIVERY_ITEM,
  FINISHED_DELIVERY_ITEM,
  WEBHOOK_ITEM,
];
