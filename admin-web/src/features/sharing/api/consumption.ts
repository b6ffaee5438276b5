import { consumptionAnswer } from '@sluice/contract/plugin-api';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import type { QuotaSearch } from '../sharing-search.ts';
import { endOfDay, startOfDay } from '../days.ts';

export type PoolUse = z.output<typeof consumptionAnswer>['data'][number];

/** Calls of the caller that were served by somebody's credential, newest first, one page after another. */
export function consumptionQuery({ from, to }: QuotaSearch) {
  return infiniteQueryOptions({
    queryKey: ['shared-pool', 'uses', from ?? null, to ?? null],
    queryFn: ({ pageParam, signal }) =>
      callBareApi({
        path: '/api/plugin-api/quotas/consumption',
        query: {
          limit: 50,
          cursor: pageParam ?? undefined,
          start_date: from === undefined ? undefined : startOfDay(from),
          end_date: to === undefined ? undefined : endOfDay(to),
        },
        schema: consumptionAnswer,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.pagination.next_cursor,
  });
}
