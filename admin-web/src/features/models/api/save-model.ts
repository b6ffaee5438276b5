import { modelView } from '@sluice/contract/models';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { modelsQuery } from '../../../lib/api/models.ts';
import type { ModelInput } from '../model-form.ts';
import { modelPath } from './model-path.ts';
import { PRICE_VERSIONS } from './price-versions.ts';

/** Makes the model, or gives the one of this name these routes and this price. */
export function useSaveModel() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ name, model }: { name: string; model: ModelInput }) =>
      callApi({ method: 'PUT', path: modelPath(name), body: model, schema: modelView }),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: PRICE_VERSIONS }),
      ]),
  });
}
