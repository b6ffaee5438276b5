import { usageStats } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../../lib/api-client.ts';
import { keyOf, type Place } from './credential.ts';

const DAYS = 7;
const DAY_MS = 86_400_000;

/** Requests, tokens and cost of the last seven days that this credential served. */
export function spentQuery(place: Place) {
  return queryOptions({
    queryKey: [...keyOf(place), 'usage'],
    queryFn: ({ signal }) =>
      callApi({
        path: '/api/usage/stats',
        query: {
          scope: 'all',
          credential: place.id,
          start_date: new Date(Date.now() - DAYS * DAY_MS).toISOString(),
        },
        schema: usageStats,
        signal,
      }),
  });
}
