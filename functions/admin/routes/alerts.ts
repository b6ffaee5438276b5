import {
  acknowledgeInput,
  alertRuleView,
  alertsAnswer,
  alertsQuery,
  alertView,
  changeAlertRuleInput,
  createAlertRuleInput,
  deliveriesAnswer,
  deliveriesQuery,
  testAnswer,
  testInput,
} from '@sluice/contract/alerts';
import { confirmation, successOf } from '@sluice/contract/envelopes';
import { changeWebhookInput, createdWebhookView, createWebhookInput, webhookView } from '@sluice/contract/webhooks';
import { z } from 'zod';
import {
  acknowledgeAlert,
  changeAlertRule,
  createAlertRule,
  deleteAlertRule,
  listAlerts,
  listDeliveries,
  showAlertRule,
} from '../resources/alerts.ts';
import { testAlertRule, testWebhook } from '../resources/test-notices.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  listWebhooks,
  rotateWebhookSecret,
  showWebhook,
} from '../resources/webhooks.ts';
import { route, type AdminRoute } from '../route.ts';

const tag = 'Alerts';
const access = 'alerts:manage';

export function alertRoutes(): AdminRoute[] {
  return [...ruleRoutes(), ...webhookRoutes()];
}

// prettier-ignore
function ruleRoutes(): AdminRoute[] {
  const create = { method: 'POST', tag, access, body: createAlertRuleInput, answer: successOf(alertRuleView),
    status: 201, run: createAlertRule } as const;
  return [
    route({ method: 'GET', path: '/api/admin/alerts', tag, summary: 'Alerts that go on, past ones, or the rules',
      access, query: alertsQuery, answer: alertsAnswer, run: listAlerts }),
    route({ ...create, path: '/api/admin/alerts', summary: 'Make a rule' }),
    route({ ...create, path: '/api/admin/alerts/rules', summary: 'Make a rule, by another path' }),
    route({ method: 'GET', path: '/api/admin/alerts/rules/{id}', tag, summary: 'A rule, and what it says', access,
      answer: successOf(alertRuleView), run: showAlertRule }),
    route({ method: 'PUT', path: '/api/admin/alerts/rules/{id}', tag, summary: 'Change a rule', access,
      body: changeAlertRuleInput, answer: successOf(alertRuleView), run: changeAlertRule }),
    route({ method: 'DELETE', path: '/api/admin/alerts/rules/{id}', tag, summary: 'Delete a rule that is not built in',
      access, answer: confirmation, run: deleteAlertRule }),
    route({ method: 'POST', path: '/api/admin/alerts/rules/{id}/test', tag,
      summary: 'Send a test to the channels of a rule', access, body: testInput, answer: testAnswer,
      run: testAlertRule }),
    route({ method: 'POST', path: '/api/admin/alerts/{id}/acknowledge', tag,
      summary: 'Somebody has seen to it: no more reminders', access, body: acknowledgeInput,
      answer: successOf(alertView), run: acknowledgeAlert }),
    route({ method: 'GET', path: '/api/admin/alerts/deliveries', tag, summary: 'Notices and what became of them',
      access, query: deliveriesQuery, answer: deliveriesAnswer, run: listDeliveries }),
  ];
}

// prettier-ignore
function webhookRoutes(): AdminRoute[] {
  return [
    route({ method: 'GET', path: '/api/admin/webhooks', tag, summary: 'Webhooks', access,
      answer: successOf(z.array(webhookView)), run: listWebhooks }),
    route({ method: 'POST', path: '/api/admin/webhooks', tag, summary: 'Make a webhook; its secret is shown this once',
      access, body: createWebhookInput, answer: successOf(createdWebhookView), status: 201, run: createWebhook }),
    route({ method: 'GET', path: '/api/admin/webhooks/{id}', tag, summary: 'A webhook', access,
      answer: successOf(webhookView), run: showWebhook }),
    route({ method: 'PUT', path: '/api/admin/webhooks/{id}', tag, summary: 'Change a webhook', access,
      body: changeWebhookInput, answer: successOf(webhookView), run: changeWebhook }),
    route({ method: 'DELETE', path: '/api/admin/webhooks/{id}', tag, summary: 'Delete a webhook', access,
      answer: confirmation, run: deleteWebhook }),
    route({ method: 'POST', path: '/api/admin/webhooks/{id}/rotate-secret', tag,
      summary: 'Give a webhook a new secret, shown this once', access, body: testInput,
      answer: successOf(createdWebhookView), run: rotateWebhookSecret }),
    route({ method: 'POST', path: '/api/admin/webhooks/{id}/test', tag, summary: 'Send a test to a webhook', access,
      body: testInput, answer: testAnswer, run: testWebhook }),
  ];
}
