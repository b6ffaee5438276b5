import { keyPage, type keyView } from '@sluice/contract/keys';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import type { KeysFilter } from '../keys-search.ts';

export type Key = z.output<typeof keyView>;

/** Under it stands every list of keys, and every key. */
export const KEYS = ['keys'] as const;
export const KEY_LISTS = [...KEYS, 'list'] as const;

/** Keys, one page after another: newest first, everybody's by the owner's name. */
export function keysQuery({ scope, owner, search, state }: KeysFilter) {
  return infiniteQueryOptions({
    queryKey: [...KEY_LISTS, { scope, owner, search, state }],
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: '/api/keys',
        query: { limit: 50, cursor: pageParam ?? undefined, scope, owner, search, status: state },
        schema: keyPage,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
