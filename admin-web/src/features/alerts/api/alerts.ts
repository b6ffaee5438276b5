import { alertsAnswer, alertView } from '@sluice/contract/alerts';
import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

/** Under it stands everything that is asked of alerts and their rules. */
export const ALERTS = ['alerts'] as const;

/** Alerts that go on, or past ones of 30 days, the newest first. */
export function alertsQuery(type: 'active' | 'history') {
  return infiniteQueryOptions({
    queryKey: [...ALERTS, type],
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: '/api/admin/alerts',
        query: { type, limit: 50, cursor: pageParam ?? undefined },
        schema: alertsAnswer.shape.data,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Says that somebody sees to it: no more reminders. */
export function useAcknowledge() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, note }: { id: string; note: string }) =>
      callApi({
        method: 'POST',
        path: `/api/admin/alerts/${encodeURIComponent(id)}/acknowledge`,
        body: note === '' ? {} : { note },
        schema: alertView,
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ALERTS }),
  });
}
