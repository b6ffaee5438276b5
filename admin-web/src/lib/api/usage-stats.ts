import { usageStats } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../api-client.ts';

export interface StatsQuestion {
  scope: 'all' | 'own';
  /** ISO 8601 instant; absent = over all time. */
  startDate?: string | undefined;
}

/** Requests, tokens, cost and failures from `startDate` until now. */
export function usageStatsQuery({ scope, startDate }: StatsQuestion) {
  return queryOptions({
    queryKey: ['usage-stats', scope, startDate ?? null],
    queryFn: ({ signal }) =>
      callApi({ path: '/api/usage/stats', query: { scope, start_date: startDate }, schema: usageStats, signal }),
  });
}
