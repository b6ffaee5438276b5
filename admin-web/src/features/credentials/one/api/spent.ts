import { usageStats } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../../lib/api-client.ts';
import { keyOf, type CredentialDetails } from './credential.ts';

export const SPENT_DAYS = 7;
const DAY_MS = 86_400_000;

/** Requests, tokens and cost of the last days that this credential served. The log knows it by its name. */
export function spentQuery(credential: Pick<CredentialDetails, 'upstream' | 'id' | 'name'>) {
  return queryOptions({
    queryKey: [...keyOf(credential), 'usage'],
    queryFn: ({ signal }) =>
      callApi({
        path: '/api/usage/stats',
        query: {
          scope: 'all',
          credential: `${credential.upstream}/${credential.name}`,
          // Begins with a whole day, so that kept sums answer it.
          start_date: `${new Date(Date.now() - SPENT_DAYS * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`,
        },
        schema: usageStats,
        signal,
      }),
    staleTime: 60_000,
  });
}
