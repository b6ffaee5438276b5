import { metricsAnswer, type MetricsHistory } from '@sluice/contract/monitoring';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import type { UsageRange } from '../period.ts';
import type { UsageFilter } from '../usage-search.ts';

/** Percentiles are kept of the whole, and of one model, upstream or credential. */
export function hasPercentiles({ model, upstream, credential, ...others }: UsageFilter): boolean {
  const isOther = [others.key, others.user, others.app, others.format].some((one) => one !== undefined);
  return !isOther && [model, upstream, credential].filter((one) => one !== undefined).length <= 1;
}

/** How long requests took, over time. For those who may watch the gateway. */
export function percentilesQuery({ filter, range }: { filter: UsageFilter; range: UsageRange }) {
  const [upstream, ...credential] = filter.credential?.split('/') ?? [filter.upstream];
  const query = {
    type: 'history',
    interval: range.grain === 'hour' ? '1h' : '1d',
    from: range.from,
    to: range.to,
    model: filter.model,
    upstream,
    credential: credential.length > 0 ? credential.join('/') : undefined,
  };
  return queryOptions({
    queryKey: ['usage-percentiles', query],
    queryFn: async ({ signal }): Promise<MetricsHistory> => {
      const answer = await callApi({ path: '/api/admin/metrics', query, schema: metricsAnswer.shape.data, signal });
      if (answer.type !== 'history') throw new TypeError(`Asked for a history, was told ${answer.type}`);
      return answer;
    },
  });
}
