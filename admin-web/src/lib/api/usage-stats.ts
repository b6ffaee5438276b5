import { usageStats } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../api-client.ts';

export interface StatsQuestion {
  scope: 'all' | 'own';
  /** ISO 8601 instants; absent = over all time. */
  startDate?: string | undefined;
  endDate?: string | undefined;
  groupBy?: 'user' | 'key' | 'model' | 'credential' | 'upstream' | 'client_app' | 'config_type' | undefined;
  sort?: 'requests' | 'cost' | 'tokens' | undefined;
  /** So many groups at most. */
  top?: number | undefined;
  series?: 'day' | 'hour' | undefined;
  model?: string | undefined;
  key?: string | undefined;
  user?: string | undefined;
  upstream?: string | undefined;
  credential?: string | undefined;
  app?: string | undefined;
  format?: string | undefined;
}

/** Requests, tokens, cost and failures of a range, by group and over time where that is asked for. */
export function usageStatsQuery(question: StatsQuestion) {
  return queryOptions({
    queryKey: ['usage-stats', question],
    queryFn: ({ signal }) =>
      callApi({
        path: '/api/usage/stats',
        query: {
          scope: question.scope,
          start_date: question.startDate,
          end_date: question.endDate,
          group_by: question.groupBy,
          sort: question.sort,
          top: question.top,
          series: question.series,
          model_name: question.model,
          key: question.key,
          user: question.user,
          upstream: question.upstream,
          credential: question.credential,
          client_app: question.app,
          config_type: question.format,
        },
        schema: usageStats,
        signal,
      }),
  });
}
