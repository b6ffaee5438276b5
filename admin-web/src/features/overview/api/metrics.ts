import { metricsAnswer, type MetricsHistory } from '@sluice/contract/monitoring';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import type { Period } from '../period.ts';

const METRICS = metricsAnswer.shape.data;
const PATH = '/api/admin/metrics';

const INTERVALS = { '24h': '1h', '7d': '1h', '30d': '1d', all: '1d' } as const satisfies Record<Period, string>;

/** How it served over a period. @param from ISO 8601 instant; absent = as far back as the API goes by itself */
export function metricsHistoryQuery({ period, from }: { period: Period; from: string | undefined }) {
  return queryOptions({
    queryKey: ['metrics', 'history', period, from ?? null],
    queryFn: async ({ signal }): Promise<MetricsHistory> => {
      const query = { type: 'history', interval: INTERVALS[period], from };
      const answer = await callApi({ path: PATH, query, schema: METRICS, signal });
      if (answer.type !== 'history') throw new TypeError(`Asked for the history of metrics, was told ${answer.type}`);
      return answer;
    },
  });
}
