import { confirmation } from '@sluice/contract/envelopes';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';
import { keyOf, pathOf, type Place } from './credential.ts';

/** Takes a credential away for good. What is gone is not asked for again. */
export function useDeleteCredential(place: Place) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => callBareApi({ method: 'DELETE', path: pathOf(place), schema: confirmation }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [...CREDENTIALS, 'list'] }),
    onSettled: () => queryClient.removeQueries({ queryKey: keyOf(place), type: 'inactive' }),
  });
}
