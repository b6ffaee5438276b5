import { usageLogs } from '@sluice/contract/usage';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

export interface LogsQuestion {
  scope: 'all' | 'own';
  /** Undefined = both. */
  success?: boolean | undefined;
  model?: string | undefined;
}

/** Requests, newest first, one page after another. */
export function logsQuery({ scope, success, model }: LogsQuestion) {
  return infiniteQueryOptions({
    queryKey: ['usage-logs', scope, success ?? null, model ?? null],
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: '/api/usage/logs',
        query: { scope, success, model_name: model, limit: 50, cursor: pageParam ?? undefined },
        schema: usageLogs,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.pagination.next_cursor,
  });
}
