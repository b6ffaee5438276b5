import { deliveriesOf, targetsOf, testAlert } from '@sluice/core/monitoring/notices';
import type { AlertRule, Channel } from '@sluice/core/monitoring/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewDelivery } from './alert-views.ts';
import { findRule } from './alerts.ts';
import { findWebhook } from './webhooks.ts';

type None = Record<string, never>;
const SCHEDULE = 'evaluate-alerts';

/** Sends what the rule's channels would get, at once, and tells what became of it. */
export async function testAlertRule(services: AdminServices, { params }: Call<unknown, None, Caller>): Promise<Answer> {
  const rule = await findRule(services, params['id']);
  if (rule.channels.length === 0) {
    throw new GatewayError('conflict', { message: 'The rule has no channels, so that nobody would be told.' });
  }
  return sendTest(services, rule, rule.channels);
}

export async function testWebhook(services: AdminServices, { params }: Call<unknown, None, Caller>): Promise<Answer> {
  const { id, name } = await findWebhook(services, params['id']);
  const rule: AlertRule = {
    id: `test-of-${id}`,
    name: `Test of ${name}`,
    metric: 'errorRate',
    comparison: '>',
    threshold: 5,
    windowMinutes: 5,
    cooldownMinutes: 15,
    severity: 'info',
    enabled: true,
    minimumRequests: 1,
    channels: [],
    builtIn: false,
    updatedAt: 0,
  };
  return sendTest(services, rule, [{ type: 'webhook', webhookId: id }]);
}

/** What sends mails and webhooks is the schedule: this function has no right to either. */
async function sendTest(services: AdminServices, rule: AlertRule, channels: readonly Channel[]): Promise<Answer> {
  const { alertStore, clock } = services;
  const now = clock();
  const targets = await targetsOf(services, channels);
  const deliveries = deliveriesOf({ kind: 'alert.test', alert: testAlert(rule, now), targets, now });
  await alertStore.addDeliveries(deliveries);
  try {
    await services.runSchedule(SCHEDULE, { only: 'deliver' });
  } catch (error) {
    // They are on their way all the same: the next run sends them.
    services.log.warn('test_notice_waits', { internal: error instanceof Error ? error.message : '' });
  }
  const ids = new Set(deliveries.map(({ id }) => id));
  const [pending, finished] = await Promise.all([
    alertStore.listPending(200),
    alertStore.listFinished({ from: now, to: clock() + 60_000 }, { limit: 200, cursor: null }),
  ]);
  const found = [...finished.items, ...pending].filter(({ id }) => ids.has(id));
  return success({ deliveries: found.map(viewDelivery) });
}
