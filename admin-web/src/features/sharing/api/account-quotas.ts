import { accountQuotasAnswer, modelQuotaAnswer, type ModelQuota } from '@sluice/contract/plugin-api';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';
import { pathOfAccount, refreshSharing } from './accounts.ts';

/** What remains of one credential for each of its models. */
export function accountQuotasQuery(id: string) {
  return queryOptions({
    queryKey: ['own-account-quotas', id],
    queryFn: async ({ signal }) =>
      (await callBareApi({ path: `${pathOfAccount(id)}/quotas`, schema: accountQuotasAnswer, signal })).data,
  });
}

interface ModelSwitch {
  model: string;
  on: boolean;
}

/** Uses the credential for a model, or not. Shown at once; put back when it was refused. */
export function useSwitchModel(id: string) {
  const queryClient = useQueryClient();
  const { queryKey } = accountQuotasQuery(id);
  return useMutation({
    mutationFn: ({ model, on }: ModelSwitch) =>
      callBareApi({
        method: 'PUT',
        path: `${pathOfAccount(id)}/quotas/${model.split('/').map(encodeURIComponent).join('/')}/status`,
        body: { status: on ? 1 : 0 },
        schema: modelQuotaAnswer,
      }),
    onMutate: async ({ model, on }) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      const switched = (row: ModelQuota): ModelQuota =>
        row.model_name === model ? { ...row, status: on ? 1 : 0 } : row;
      queryClient.setQueryData(queryKey, before?.map(switched));
      return before;
    },
    onError: (_error, _input, before) => queryClient.setQueryData(queryKey, before),
    onSettled: () => refreshSharing(queryClient),
  });
}
