import { credentialView, type credentialChange } from '@sluice/contract/credentials';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';
import { pathOf, type Place } from './credential.ts';

export type CredentialChange = z.input<typeof credentialChange>;

/** Changes only what is given: settings, the switch, or the secret. */
export function useChangeCredential(place: Place) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: CredentialChange) =>
      callApi({ method: 'PATCH', path: pathOf(place), body: change, schema: credentialView }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: CREDENTIALS }),
  });
}
