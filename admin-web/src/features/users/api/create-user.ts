import { createdUser, type createUserInput } from '@sluice/contract/user-administration';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { USERS } from './users.ts';

/** Makes a user with a password, or invites one by mail. */
export function useCreateUser() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: z.input<typeof createUserInput>) =>
      callApi({ method: 'POST', path: '/api/admin/users', body: input, schema: createdUser }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: USERS }),
  });
}
