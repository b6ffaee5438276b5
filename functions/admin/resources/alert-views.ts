import type { AlertRuleView, AlertView, DeliveryView } from '@sluice/contract/alerts';
import type { WebhookView } from '@sluice/contract/webhooks';
import { DEFAULT_RULES, unavailableReason } from '@sluice/core/monitoring/default-rules';
import { metricFacts } from '@sluice/core/monitoring/metrics';
import type { Alert, AlertRule, Board, Delivery, FinishedDelivery, Webhook } from '@sluice/core/monitoring/store';
import { runbookOf, summaryOf } from '@sluice/core/monitoring/texts';

/** What answers show of alerts. */

const BUILT_IN = new Set(DEFAULT_RULES.map(({ id }) => id));

export function viewRule(rule: AlertRule, board: Board): AlertRuleView {
  const state = board.states[rule.id];
  return {
    id: rule.id,
    name: rule.name,
    metric: rule.metric,
    unit: metricFacts(rule.metric).unit,
    comparison: rule.comparison,
    threshold: rule.threshold,
    windowMinutes: rule.windowMinutes,
    cooldownMinutes: rule.cooldownMinutes,
    severity: rule.severity,
    enabled: rule.enabled,
    minimumRequests: rule.minimumRequests,
    channels: rule.channels,
    builtIn: rule.builtIn,
    unavailable: unavailableReason(rule),
    status: rule.enabled ? (state?.status ?? 'unknown') : 'off',
    value: state?.value ?? null,
    statusSince: state && state.since > 0 ? isoTime(state.since) : null,
    runbook: runbookOf({ ruleId: rule.id }, BUILT_IN),
    updatedAt: rule.updatedAt === 0 ? null : isoTime(rule.updatedAt),
  };
}

export function viewAlert(alert: Alert): AlertView {
  const { acknowledged, resolved } = alert;
  return {
    id: alert.id,
    ruleId: alert.ruleId,
    ruleName: alert.ruleName,
    metric: alert.metric,
    comparison: alert.comparison,
    threshold: alert.threshold,
    windowMinutes: alert.windowMinutes,
    severity: alert.severity,
    status: resolved ? 'resolved' : acknowledged ? 'acknowledged' : 'active',
    value: alert.value,
    subjects: alert.subjects,
    summary: { en: summaryOf(alert, 'en'), zh: summaryOf(alert, 'zh') },
    firedAt: isoTime(alert.firedAt),
    reminders: alert.reminders,
    acknowledgedAt: acknowledged && isoTime(acknowledged.at),
    acknowledgedBy: acknowledged?.by ?? null,
    note: acknowledged?.note ?? null,
    resolvedAt: resolved && isoTime(resolved.at),
    resolvedBecause: resolved?.because ?? null,
    runbook: runbookOf(alert, BUILT_IN),
  };
}

export function viewDelivery(delivery: Delivery | FinishedDelivery): DeliveryView {
  const { target } = delivery;
  const finished = 'outcome' in delivery ? delivery : null;
  return {
    id: delivery.id,
    kind: delivery.kind,
    alertId: delivery.alert.id,
    ruleId: delivery.alert.ruleId,
    target: { type: target.type, to: target.type === 'mail' ? target.to : target.webhookId },
    status: finished?.outcome ?? 'pending',
    attempts: delivery.attempts,
    responseStatus: delivery.lastStatus,
    error: delivery.lastError,
    createdAt: isoTime(delivery.createdAt),
    finishedAt: finished && isoTime(finished.finishedAt),
    nextAttemptAt: finished ? null : isoTime(delivery.nextAt),
  };
}

/** Neither its salt nor its secret leaves. */
export function viewWebhook({ id, name, url, enabled, createdAt, updatedAt }: Webhook): WebhookView {
  return { id, name, url, enabled, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
