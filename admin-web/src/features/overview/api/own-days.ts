import { usageConsumption } from '@sluice/contract/usage-views';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

export const DAYS = 14;

/** The caller's own usage of the last days, every day, oldest first. */
export const ownDaysQuery = queryOptions({
  queryKey: ['own-days'],
  queryFn: async ({ signal }) => {
    const query = { timeRange: `${DAYS}d` };
    return (await callApi({ path: '/api/usage/consumption', query, schema: usageConsumption, signal })).by_day;
  },
});
