import { administeredUser, type changeUserInput } from '@sluice/contract/user-administration';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { USERS } from './users.ts';

export type UserChange = z.input<typeof changeUserInput>;

/** Changes a user's standing; only what is given. */
export function useChangeUser(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: UserChange) =>
      callApi({
        method: 'PATCH',
        path: `/api/admin/users/${encodeURIComponent(id)}`,
        body: change,
        schema: administeredUser,
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: USERS }),
  });
}
