import { administeredUser, userPage } from '@sluice/contract/user-administration';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

/** Users by the beginning of a name, for administrators who choose one. */
export function ownersQuery(text: string) {
  return queryOptions({
    queryKey: ['conversation-owners', text],
    queryFn: async ({ signal }) => {
      const page = await callApi({
        path: '/api/admin/users',
        query: { limit: 20, search: text },
        schema: userPage,
        signal,
      });
      return page.users.map(({ id, username }) => ({ value: id, label: username }));
    },
  });
}

/** What a user is called. */
export function ownerQuery(id: string | undefined) {
  return queryOptions({
    queryKey: ['conversation-owner', id ?? null],
    enabled: id !== undefined,
    queryFn: async ({ signal }) => {
      const path = `/api/admin/users/${encodeURIComponent(id ?? '')}`;
      return (await callApi({ path, schema: administeredUser, signal })).username;
    },
  });
}
