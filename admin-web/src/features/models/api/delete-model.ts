import { confirmation } from '@sluice/contract/envelopes';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';
import { modelsQuery } from '../../../lib/api/models.ts';
import { modelPath } from './model-path.ts';

/** Takes a model off the list; its prices and its usage stay. */
export function useDeleteModel() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => callBareApi({ method: 'DELETE', path: modelPath(name), schema: confirmation }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
}
