import { credentialHistory, type credentialChangeView } from '@sluice/contract/credentials';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../../lib/api-client.ts';
import { keyOf, pathOf, type Place } from './credential.ts';

export type HistoryEntry = z.output<typeof credentialChangeView>;

/** What happened to a credential, newest first, one page after another. */
export function historyQuery(place: Place) {
  return infiniteQueryOptions({
    queryKey: [...keyOf(place), 'history'],
    queryFn: ({ pageParam, signal }) =>
      callBareApi({
        path: `${pathOf(place)}/history`,
        query: { limit: 25, cursor: pageParam ?? undefined },
        schema: credentialHistory,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.pagination.next_cursor,
  });
}
