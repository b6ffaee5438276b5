import { credentialView } from '@sluice/contract/credentials';
import {
  authorizeCredentialAnswer,
  oauthPresetsAnswer,
  type authorizeCredentialInput,
  type pastedInput,
} from '@sluice/contract/sign-ins';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';

export type SignInInput = z.input<typeof authorizeCredentialInput>;
export type OAuthPreset = z.output<typeof oauthPresetsAnswer>['data'][number];

/** Authorization servers that are set up with a client id of one's own. */
export const oauthPresetsQuery = queryOptions({
  queryKey: ['oauth-presets'],
  queryFn: ({ signal }) => callApi({ path: '/api/admin/oauth/presets', schema: oauthPresetsAnswer.shape.data, signal }),
  staleTime: Infinity,
});

/** An address to sign in at. It is good once, for a few minutes. */
export function useBeginSignIn() {
  return useMutation({
    mutationFn: async (input: SignInInput) => {
      const begun = await callApi({
        method: 'POST',
        path: '/api/admin/oauth/authorize',
        body: input,
        schema: authorizeCredentialAnswer.shape.data,
      });
      return { ...begun, expiresAt: Date.now() + begun.expiresIn * 1000 };
    },
    gcTime: 0,
  });
}

/** Exchanges what the browser was sent back with for tokens, which go to the vault. */
export function useFinishSignIn() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (pasted: z.input<typeof pastedInput>) =>
      callApi({ method: 'POST', path: '/api/admin/oauth/callback', body: pasted, schema: credentialView }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: CREDENTIALS }),
  });
}
