import { profileAnswer, type changeProfileInput } from '@sluice/contract/profile';
import { confirmation } from '@sluice/contract/envelopes';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import { sessionQuery } from '../../../lib/api/session.ts';

export type Profile = z.output<typeof profileAnswer>['profile'];

export const profileQuery = queryOptions({
  queryKey: ['profile'],
  queryFn: async ({ signal }) =>
    (await callBareApi({ path: '/api/user/profile', schema: profileAnswer, signal })).profile,
});

/** A new name holds at once, a new address once the link that is sent there was used. */
export function useChangeProfile() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: z.input<typeof changeProfileInput>) =>
      callBareApi({ method: 'PUT', path: '/api/user/profile', body: change, schema: profileAnswer }),
    onSuccess: (answer) => {
      queryClient.setQueryData(profileQuery.queryKey, answer.profile);
      return queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
}

/** Sends the link for the address once more. */
export function useResendVerification() {
  return useMutation({
    mutationFn: () => callBareApi({ method: 'POST', path: '/api/auth/resend-verification', schema: confirmation }),
  });
}

export function useChangePassword() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ current, next }: { current: string; next: string }) =>
      callBareApi({
        method: 'POST',
        path: '/api/auth/change-password',
        body: { current_password: current, new_password: next },
        schema: confirmation,
      }),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: ['sessions'] }),
      ]),
  });
}
