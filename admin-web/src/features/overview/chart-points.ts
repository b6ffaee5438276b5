import type { MetricsHistory } from '@sluice/contract/monitoring';

/** A point of the charts; null: nothing was measured. */
export interface ChartPoint {
  time: string;
  succeeded: number;
  failed: number;
  p50: number | null;
  p95: number | null;
  tokens: number;
  /** Dollars. */
  cost: number;
}

const MICROS = 1_000_000;

/** What the charts draw. Hours are told by their time, days by their date. @param locale BCP 47 */
export function chartPoints({ points, interval }: MetricsHistory, locale: string, timeZone?: string): ChartPoint[] {
  const text = new Intl.DateTimeFormat(locale, {
    month: 'short',
    day: 'numeric',
    ...(interval === '1d' ? {} : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    ...(timeZone ? { timeZone } : {}),
  });
  return points.map((point) => ({
    time: text.format(new Date(point.start)),
    succeeded: point.succeeded,
    failed: point.failed,
    p50: point.p50FirstByteMs,
    p95: point.p95FirstByteMs,
    tokens: point.tokens,
    cost: point.costMicros / MICROS,
  }));
}
