import { keyPage, keyView } from '@sluice/contract/keys';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';

export type Key = z.output<typeof keyView>;

/** The caller's keys, one page after another. */
export const keysQuery = infiniteQueryOptions({
  queryKey: ['keys'],
  queryFn: ({ pageParam, signal }) =>
    callApi({ path: '/api/keys', query: { limit: 50, cursor: pageParam ?? undefined }, schema: keyPage, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});
