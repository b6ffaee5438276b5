import { metricFacts } from './metrics.ts';
import type { AlertRule, Channel } from './store.ts';

/*
 * The rules that every deployment begins with. Each id is also a heading of docs/runbook.md. They mail administrators
 * with a confirmed address, as far as the deployment sends mail.
 */

const TO_ADMINS: Channel = { type: 'mail', to: 'admins', language: 'en' };

type Facts = Pick<AlertRule, 'id' | 'name' | 'metric' | 'threshold' | 'cooldownMinutes' | 'severity'> &
  Partial<Pick<AlertRule, 'comparison' | 'windowMinutes' | 'enabled'>>;

function rule(facts: Facts): AlertRule {
  return {
    comparison: '>',
    windowMinutes: 5,
    enabled: true,
    minimumRequests: 1,
    channels: [TO_ADMINS],
    builtIn: true,
    updatedAt: 0,
    ...facts,
  };
}

export const DEFAULT_RULES: readonly AlertRule[] = [
  rule({
    id: 'error-rate',
    name: 'Error rate',
    metric: 'errorRate',
    threshold: 5,
    cooldownMinutes: 15,
    severity: 'critical',
  }),
  rule({
    id: 'store-unhealthy',
    name: 'Store unhealthy',
    metric: 'storesDown',
    threshold: 0,
    cooldownMinutes: 5,
    severity: 'critical',
  }),
  rule({
    id: 'memory',
    name: 'Memory',
    metric: 'memoryPercent',
    threshold: 85,
    cooldownMinutes: 30,
    severity: 'warning',
    // There is no such figure: see its metric.
    enabled: false,
  }),
  rule({
    id: 'latency',
    name: 'Mean latency to the first byte',
    metric: 'meanFirstByteMs',
    threshold: 2000,
    cooldownMinutes: 20,
    severity: 'warning',
  }),
  rule({
    id: 'upstream-unhealthy',
    name: 'Upstream unhealthy',
    metric: 'upstreamsDown',
    threshold: 0,
    cooldownMinutes: 10,
    severity: 'critical',
  }),
  rule({
    id: 'credential-attention',
    name: 'Credential needs attention',
    metric: 'credentialsNeedingAttention',
    threshold: 0,
    cooldownMinutes: 240,
    severity: 'warning',
  }),
  rule({
    id: 'budget-near-end',
    name: 'Budget near its end',
    metric: 'budgetUsedPercent',
    comparison: '>=',
    threshold: 90,
    cooldownMinutes: 720,
    severity: 'warning',
  }),
  rule({
    id: 'ledger-drift',
    name: 'Ledger drift',
    metric: 'ledgerDrift',
    threshold: 0,
    windowMinutes: 60,
    cooldownMinutes: 60,
    severity: 'critical',
  }),
  rule({
    id: 'abandoned-holds',
    name: 'Abandoned requests',
    metric: 'abandonedRequests',
    threshold: 0,
    windowMinutes: 30,
    cooldownMinutes: 60,
    severity: 'warning',
  }),
  rule({
    id: 'late-usage',
    name: 'Late usage',
    metric: 'lateUsage',
    threshold: 0,
    windowMinutes: 30,
    cooldownMinutes: 60,
    severity: 'warning',
  }),
  rule({
    id: 'schedule-late',
    name: 'Schedule late',
    metric: 'scheduleDelayMinutes',
    threshold: 15,
    cooldownMinutes: 60,
    severity: 'warning',
  }),
];

/** Built-in rules as they were changed, in their order, then the others by name. */
export function mergeRules(stored: readonly AlertRule[]): AlertRule[] {
  const byId = new Map(stored.map((one) => [one.id, one]));
  const builtIn = DEFAULT_RULES.map((one) => {
    const changed = byId.get(one.id);
    byId.delete(one.id);
    return changed ? { ...changed, builtIn: true, metric: one.metric } : one;
  });
  const others = [...byId.values()].toSorted((left, right) => left.name.localeCompare(right.name));
  return [...builtIn, ...others.map((one) => ({ ...one, builtIn: false }))];
}

/** Why a rule can say nothing; null where it can. */
export function unavailableReason({ metric }: Pick<AlertRule, 'metric'>): string | null {
  return metricFacts(metric).unavailable ?? null;
}
