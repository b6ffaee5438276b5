/** Units of CloudWatch that we use (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html). */
type MetricUnit = 'Percent' | 'Milliseconds' | 'Count';

export interface MetricValue {
  name: string;
  unit: MetricUnit;
  value: number;
}

/**
 * One line of JSON that CloudWatch Logs makes metrics of
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * Only what is known is told: a metric costs in the hours in which it is told.
 */
export function embeddedMetrics(facts: { namespace: string; at: number; metrics: readonly MetricValue[] }): string {
  const { namespace, at, metrics } = facts;
  const directive = {
    Namespace: namespace,
    Dimensions: [['Service']],
    Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  return JSON.stringify({
    _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
    Service: 'sluice',
    ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  });
}
