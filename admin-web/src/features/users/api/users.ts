import { userPage, type administeredUser } from '@sluice/contract/user-administration';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import type { UsersFilter } from '../users-search.ts';

export type User = z.output<typeof administeredUser>;

/** Under it stands every list of users, whatever its filter. */
export const USERS = ['users'] as const;

/** Users by name, one page after another. */
export function usersQuery(filter: UsersFilter) {
  return infiniteQueryOptions({
    queryKey: [...USERS, filter],
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: '/api/admin/users',
        query: {
          limit: 50,
          cursor: pageParam ?? undefined,
          search: filter.search,
          role: filter.role,
          ...flagsOf(filter.state),
        },
        schema: userPage,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

function flagsOf(state: UsersFilter['state']): Record<string, boolean> {
  if (state === 'disabled') return { is_active: false };
  if (state === 'silenced') return { is_silenced: true };
  return state === 'unverified' ? { is_verified: false } : {};
}
