import { confirmation } from '@sluice/contract/envelopes';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';
import { USERS } from './users.ts';

/** Deletes a user for good; the usage stays. */
export function useDeleteUser() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callBareApi({ method: 'DELETE', path: `/api/admin/users/${encodeURIComponent(id)}`, schema: confirmation }),
    // What is gone is not asked for again, although its drawer is still fading out.
    onSuccess: (_answer, id) =>
      queryClient.invalidateQueries({ queryKey: USERS, predicate: ({ queryKey }) => !queryKey.includes(id) }),
  });
}
