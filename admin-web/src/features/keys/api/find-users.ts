import { userPage } from '@sluice/contract/user-administration';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

const MOST = 20;

/** Names of users that begin so. For administrators. */
export function usersLikeQuery(beginning: string) {
  return queryOptions({
    queryKey: ['users', 'named-like', beginning],
    queryFn: async ({ signal }) => {
      const query = { limit: MOST, search: beginning };
      const { users } = await callApi({ path: '/api/admin/users', query, schema: userPage, signal });
      return users.map(({ username }) => username);
    },
    placeholderData: keepPreviousData,
  });
}
