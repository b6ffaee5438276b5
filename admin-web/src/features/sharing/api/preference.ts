import { preferenceAnswer } from '@sluice/contract/plugin-api';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';

const PATH = '/api/plugin-api/preference';

/** Whether credentials that others share are asked before the caller's own. */
export const preferenceQuery = queryOptions({
  queryKey: ['sharing-preference'],
  queryFn: async ({ signal }) =>
    (await callBareApi({ path: PATH, schema: preferenceAnswer, signal })).data.prefer_shared === 1,
});

/** Shown at once; put back when it was refused. */
export function usePrefer() {
  const queryClient = useQueryClient();
  const { queryKey } = preferenceQuery;
  return useMutation({
    mutationFn: (shared: boolean) =>
      callBareApi({ method: 'PUT', path: PATH, body: { prefer_shared: shared ? 1 : 0 }, schema: preferenceAnswer }),
    onMutate: async (shared) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      queryClient.setQueryData(queryKey, shared);
      return before;
    },
    onError: (_error, _shared, before) => queryClient.setQueryData(queryKey, before),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
}
