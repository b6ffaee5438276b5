import type { MetricValue } from '@sluice/kit/log/embedded-metrics';
import { DEFAULT_RULES } from './default-rules.ts';
import type { Board } from './store.ts';

/** What of the last evaluation CloudWatch is told: figures of traffic while there is traffic, alerts while there are any. */
export function knownFigures({ states }: Board): MetricValue[] {
  const valueOf = (ruleId: string): number | null => states[ruleId]?.value ?? null;
  const firing = Object.values(states).filter(({ status }) => status === 'firing').length;
  const figures: (Omit<MetricValue, 'value'> & { value: number | null })[] = [
    { name: 'ErrorRate', unit: 'Percent', value: valueOf(ruleIdOf('errorRate')) },
    { name: 'MeanFirstByte', unit: 'Milliseconds', value: valueOf(ruleIdOf('meanFirstByteMs')) },
    { name: 'AlertsFiring', unit: 'Count', value: firing === 0 ? null : firing },
  ];
  return figures.flatMap(({ value, ...figure }) => (value === null ? [] : [{ ...figure, value }]));
}

function ruleIdOf(metric: (typeof DEFAULT_RULES)[number]['metric']): string {
  return DEFAULT_RULES.find((rule) => rule.metric === metric)?.id ?? '';
}
