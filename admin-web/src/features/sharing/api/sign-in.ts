import { accountAnswer } from '@sluice/contract/plugin-api';
import { authorizeAccountAnswer, type authorizeAccountInput } from '@sluice/contract/sign-ins';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import { refreshSharing } from './accounts.ts';

/** Where to sign in for a credential of one's own, or for one that is there anew. */
export function useBeginSignIn() {
  return useMutation({
    mutationFn: async (input: z.input<typeof authorizeAccountInput>) => {
      const path = '/api/plugin-api/oauth/authorize';
      return (await callBareApi({ method: 'POST', path, body: input, schema: authorizeAccountAnswer })).data;
    },
  });
}

/** Takes what the browser was sent back with: the whole address, or the code alone, which goes with the state of the beginning. */
export function useFinishSignIn() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ pasted, state }: { pasted: string; state: string }) => {
      const path = '/api/plugin-api/oauth/callback';
      const body = { callback_url: pasted, state };
      return (await callBareApi({ method: 'POST', path, body, schema: accountAnswer })).data;
    },
    onSuccess: () => refreshSharing(queryClient),
  });
}
