import { credentialPage } from '@sluice/contract/credential-records';
import type { credentialView } from '@sluice/contract/credentials';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

export type Credential = z.output<typeof credentialView>;

/**
 * What is presented to upstreams, one page after another, newest first; without the secrets: those are sealed on
 * arrival and cannot be read here.
 */
export const credentialsQuery = infiniteQueryOptions({
  queryKey: ['credentials'],
  queryFn: ({ pageParam, signal }) =>
    callBareApi({
      path: '/api/admin/credentials',
      query: { limit: 50, cursor: pageParam ?? undefined },
      schema: credentialPage,
      signal,
    }),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.pagination.next_cursor,
});
