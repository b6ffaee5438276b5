import { usageLogs } from '@sluice/contract/usage';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import type { LogsQuestion } from '../log-question.ts';

/** Requests, newest first, one page after another. */
export function logsQuery(question: LogsQuestion) {
  return infiniteQueryOptions({
    queryKey: ['usage-logs', question],
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: '/api/usage/logs',
        query: { ...question, limit: 50, cursor: pageParam ?? undefined },
        schema: usageLogs,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.pagination.next_cursor,
  });
}
