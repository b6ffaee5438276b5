import { expect, test } from '@jest/globals';
import type { MetricsHistory } from '@sluice/contract/monitoring';
import { chartPoints } from '../../../../admin-web/src/features/overview/chart-points.ts';

const FIGURES = {
  requests: 3,
  succeeded: 2,
  failed: 1,
  faults: 0,
  errorRatePercent: 33,
  tokens: 50,
  costMicros: 2_500_000,
  meanDurationMs: null,
  p50DurationMs: null,
  p95DurationMs: null,
  meanFirstByteMs: null,
  p50FirstByteMs: 120,
  p95FirstByteMs: null,
};

function history(interval: '1h' | '1d'): MetricsHistory {
  const start = '2026-02-03T04:00:00.000Z';
  return {
    type: 'history',
    interval,
    from: start,
    to: '2026-02-03T05:00:00.000Z',
    points: [{ ...FIGURES, start }],
    upToDate: true,
  };
}

test('points are told by their hour or their day, cost in dollars, and what was not measured stays unmeasured', () => {
  const point = { succeeded: 2, failed: 1, p50: 120, p95: null, tokens: 50, cost: 2.5 };
  expect(chartPoints(history('1h'), 'en-US', 'UTC')).toEqual([{ time: 'Feb 3, 04:00', ...point }]);
  expect(chartPoints(history('1d'), 'en-US', 'UTC')).toEqual([{ time: 'Feb 3', ...point }]);
});
