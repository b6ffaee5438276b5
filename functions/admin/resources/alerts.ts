import type {
  acknowledgeInput,
  alertsQuery,
  changeAlertRuleInput,
  CreateAlertRuleInput,
  deliveriesQuery,
} from '@sluice/contract/alerts';
import { mergeRules, unavailableReason } from '@sluice/core/monitoring/default-rules';
import { acknowledge } from '@sluice/core/monitoring/evaluate-alerts';
import type { AlertRule, TimeRange } from '@sluice/core/monitoring/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewAlert, viewDelivery, viewRule } from './alert-views.ts';

type None = Record<string, never>;

const DAY_MS = 24 * 3600_000;
const USUAL_RANGE_MS = 30 * DAY_MS;
/** What a table keeps longer, it keeps until it is collected. */
const ALERT_LIFE_MS = 90 * DAY_MS;
const DELIVERY_LIFE_MS = 30 * DAY_MS;
/** Each is read and evaluated in every run. */
const MOST_RULES = 60;

/** What fires now, what fired, or the rules with what each says. */
export async function listAlerts(
  services: AdminServices,
  { query }: Call<undefined, z.infer<typeof alertsQuery>, Caller>,
): Promise<Answer> {
  const { alertStore } = services;
  const board = await alertStore.readBoard();
  const evaluatedAt = board.evaluatedAt === 0 ? null : new Date(board.evaluatedAt).toISOString();
  const told = { type: query.type, evaluatedAt, next_cursor: null };
  if (query.type === 'rules') {
    const rules = mergeRules(await alertStore.listRules());
    return success({ ...told, rules: rules.map((rule) => viewRule(rule, board)) });
  }
  if (query.type === 'active') {
    const firing = Object.values(board.states).flatMap(({ alert }) => alert ?? []);
    const newestFirst = firing.toSorted((left, right) => right.firedAt - left.firedAt);
    return success({ ...told, alerts: newestFirst.map(viewAlert) });
  }
  const page = { limit: query.limit, cursor: query.cursor ?? null };
  const { items, nextCursor } = await alertStore.listAlerts(rangeOf(services, query, ALERT_LIFE_MS), page);
  return success({ ...told, alerts: items.map(viewAlert), next_cursor: nextCursor });
}

export async function showAlertRule(
  services: AdminServices,
  { params }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const [rule, board] = await Promise.all([findRule(services, params['id']), services.alertStore.readBoard()]);
  return success(viewRule(rule, board));
}

export async function createAlertRule(
  services: AdminServices,
  { body }: Call<CreateAlertRuleInput, None, Caller>,
): Promise<Answer> {
  const { alertStore, clock } = services;
  if ((await alertStore.listRules()).length >= MOST_RULES) {
    throw new GatewayError('conflict', { message: `There are ${MOST_RULES} rules already.` });
  }
  const rule: AlertRule = { ...body, id: createPrefixedId('alr'), builtIn: false, updatedAt: clock() };
  await checkRule(services, rule);
  await alertStore.putRule(rule);
  return { ...success(viewRule(rule, await alertStore.readBoard())), status: 201 };
}

export async function changeAlertRule(
  services: AdminServices,
  { body, params }: Call<z.infer<typeof changeAlertRuleInput>, None, Caller>,
): Promise<Answer> {
  const known = await findRule(services, params['id']);
  if (known.builtIn && body.metric !== undefined && body.metric !== known.metric) {
    const message = 'A built-in rule watches what it watches; make another rule for another metric.';
    throw new GatewayError('invalid_field', { message, param: 'metric' });
  }
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const rule: AlertRule = { ...known, ...given, updatedAt: services.clock() };
  await checkRule(services, rule);
  await services.alertStore.putRule(rule);
  return success(viewRule(rule, await services.alertStore.readBoard()));
}

export async function deleteAlertRule(
  services: AdminServices,
  { params }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const { id, builtIn } = await findRule(services, params['id']);
  if (builtIn) {
    throw new GatewayError('conflict', { message: 'A built-in rule cannot be deleted; switch it off instead.' });
  }
  await services.alertStore.deleteRule(id);
  return { json: { success: true, message: 'The rule is deleted.' } };
}

export async function acknowledgeAlert(
  services: AdminServices,
  { body, params, caller }: Call<z.infer<typeof acknowledgeInput>, None, Caller>,
): Promise<Answer> {
  const alert = await acknowledge(services.alertStore, {
    alertId: params['id'] ?? '',
    by: caller.user.username,
    note: body.note ?? null,
    now: services.clock(),
  });
  if (!alert) throw notFound('alert of this id that goes on');
  return success(viewAlert(alert));
}

export async function listDeliveries(
  services: AdminServices,
  { query }: Call<undefined, z.infer<typeof deliveriesQuery>, Caller>,
): Promise<Answer> {
  const cursor = query.cursor ?? null;
  const [pending, finished] = await Promise.all([
    cursor === null ? services.alertStore.listPending(200) : [],
    services.alertStore.listFinished(rangeOf(services, query, DELIVERY_LIFE_MS), { limit: query.limit, cursor }),
  ]);
  return success({
    pending: pending.map(viewDelivery),
    deliveries: finished.items.map(viewDelivery),
    next_cursor: finished.nextCursor,
  });
}

export async function findRule(services: AdminServices, ruleId = ''): Promise<AlertRule> {
  const rule = mergeRules(await services.alertStore.listRules()).find(({ id }) => id === ruleId);
  if (!rule) throw notFound('alert rule of this id');
  return rule;
}

async function checkRule({ alertStore }: AdminServices, rule: AlertRule): Promise<void> {
  const reason = unavailableReason(rule);
  if (rule.enabled && reason !== null) {
    throw new GatewayError('invalid_field', { message: `The rule cannot be on. ${reason}`, param: 'enabled' });
  }
  for (const [index, channel] of rule.channels.entries()) {
    if (channel.type !== 'webhook' || (await alertStore.findWebhook(channel.webhookId))) continue;
    const param = `channels[${index}].webhookId`;
    throw new GatewayError('invalid_field', { message: `There is no webhook ${channel.webhookId}.`, param });
  }
}

function rangeOf(
  services: AdminServices,
  { from, to }: { from?: string | undefined; to?: string | undefined },
  lifeMs: number,
): TimeRange {
  const now = services.clock();
  const end = to === undefined ? now + 1 : Date.parse(to);
  const begin = from === undefined ? end - USUAL_RANGE_MS : Date.parse(from);
  if (begin >= end)
    throw new GatewayError('invalid_field', { message: 'The range ends before it begins.', param: 'from' });
  return { from: Math.max(begin, now - lifeMs), to: end };
}
