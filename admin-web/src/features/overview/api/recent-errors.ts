import { usageLogs } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

const SHOWN = 5;

/** The requests that failed last, of everybody. */
export const recentErrorsQuery = queryOptions({
  queryKey: ['recent-errors'],
  queryFn: async ({ signal }) => {
    const query = { scope: 'all', success: false, limit: SHOWN };
    return (await callApi({ path: '/api/usage/logs', query, schema: usageLogs, signal })).logs;
  },
});
