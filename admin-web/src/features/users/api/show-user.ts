import { administeredUser } from '@sluice/contract/user-administration';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { USERS } from './users.ts';

/** One user, which need not be on the pages that were loaded. */
export function userQuery(id: string) {
  return queryOptions({
    queryKey: [...USERS, 'one', id],
    queryFn: ({ signal }) =>
      callApi({ path: `/api/admin/users/${encodeURIComponent(id)}`, schema: administeredUser, signal }),
  });
}
