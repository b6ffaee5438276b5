import { usageConsumption, usageQuotas } from '@sluice/contract/usage-views';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

/** What limits the caller, and what is left of it. */
export const quotasQuery = queryOptions({
  queryKey: ['usage-quotas'],
  queryFn: ({ signal }) => callApi({ path: '/api/usage/quotas', schema: usageQuotas, signal }),
});

/** What the caller used in a week, by day. */
export const consumptionQuery = queryOptions({
  queryKey: ['usage-consumption', '7d'],
  queryFn: ({ signal }) =>
    callApi({ path: '/api/usage/consumption', query: { timeRange: '7d' }, schema: usageConsumption, signal }),
});
