import { confirmation } from '@sluice/contract/envelopes';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';
import { sessionQuery } from '../../../lib/api/session.ts';

/** A password of one's own in place of the one that was given; this session goes on. */
export function useChangeFirstPassword(onChanged: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ current, next }: { current: string; next: string }) =>
      callBareApi({
        method: 'POST',
        path: '/api/auth/change-password',
        body: { current_password: current, new_password: next },
        schema: confirmation,
      }),
    onSuccess: async () => {
      await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
      onChanged();
    },
  });
}
