import { confirmation } from '@sluice/contract/envelopes';
import { sessionView } from '@sluice/contract/session';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callApi, callBareApi } from '../../../lib/api-client.ts';

export type OwnSession = z.output<typeof sessionView>;

/** Where the caller is logged in, the newest first. */
export const ownSessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => callApi({ path: '/api/auth/sessions', schema: z.array(sessionView), signal }),
});

export function useEndSession() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callBareApi({ method: 'DELETE', path: `/api/auth/sessions/${encodeURIComponent(id)}`, schema: confirmation }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }),
  });
}

/** Ends every session, the one that asks too. */
export function useEndAllSessions(onEnded: () => void) {
  return useMutation({
    mutationFn: () => callBareApi({ method: 'POST', path: '/api/auth/logout-all', schema: confirmation }),
    onSuccess: onEnded,
  });
}
