import { credentialView, type credentialEntry } from '@sluice/contract/credentials';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callBareApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';

export type NewCredentialInput = z.input<typeof credentialEntry>;

const createdCredential = z.object({ data: credentialView, warnings: z.array(z.string()) });

/** Seals a secret to the vault as a credential of its upstream. */
export function useCreateCredential() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: NewCredentialInput) =>
      callBareApi({ method: 'POST', path: '/api/admin/credentials', body: input, schema: createdCredential }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: CREDENTIALS }),
  });
}
