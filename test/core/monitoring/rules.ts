import type { Sample, Series } from '../../../layers/core/monitoring/metrics.ts';
import type { AlertRule } from '../../../layers/core/monitoring/store.ts';

export const MINUTE = 60_000;
export const NOON = Date.parse('2026-03-01T12:00:00Z');

export function aRule(change: Partial<AlertRule> = {}): AlertRule {
  return {
    id: 'rule',
    name: 'A rule',
    metric: 'errorRate',
    comparison: '>',
    threshold: 5,
    windowMinutes: 5,
    cooldownMinutes: 15,
    severity: 'critical',
    enabled: true,
    minimumRequests: 1,
    channels: [],
    builtIn: false,
    updatedAt: 0,
    ...change,
  };
}

/** One sample, a moment ago, that makes a rate of so many percent; null: nothing was measured. */
export function seriesOf(percent: number | null, now: number): Series {
  const samples: Sample[] = percent === null ? [] : [{ at: now, sum: percent, count: 100 }];
  return { samples, isKnown: true };
}
