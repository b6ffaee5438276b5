import { usageStats } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { KEYS } from './list-keys.ts';

const HOUR_MS = 3_600_000;

/** What a key was used for in the last `hours`. */
export function keyUsageQuery(id: string, hours: number) {
  return queryOptions({
    queryKey: [...KEYS, 'usage', id, hours],
    queryFn: ({ signal }) =>
      callApi({
        path: '/api/usage/stats',
        query: { key_id: id, start_date: new Date(Date.now() - hours * HOUR_MS).toISOString() },
        schema: usageStats,
        signal,
      }),
  });
}
