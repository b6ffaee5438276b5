import { metricsAnswer, type LatestMetrics } from '@sluice/contract/monitoring';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../api-client.ts';

/** How the gateway serves now. For those who may watch it (`monitoring:read`). */
export const latestMetricsQuery = queryOptions({
  queryKey: ['metrics', 'latest'],
  queryFn: async ({ signal }): Promise<LatestMetrics> => {
    const query = { type: 'latest' };
    const schema = metricsAnswer.shape.data;
    const answer = await callApi({ path: '/api/admin/metrics', query, schema, signal });
    if (answer.type !== 'latest') throw new TypeError(`Asked for the latest metrics, was told ${answer.type}`);
    return answer;
  },
});
