import { confirmation } from '@sluice/contract/envelopes';
import {
  accountAnswer,
  accountsAnswer,
  type createAccountInput,
  type PluginAccount,
} from '@sluice/contract/plugin-api';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

export type Account = PluginAccount;

const PATH = '/api/plugin-api/accounts';

/** Credentials that the caller brought, the oldest first: a handful. */
export const accountsQuery = queryOptions({
  queryKey: ['own-accounts'],
  queryFn: async ({ signal }) => (await callBareApi({ path: PATH, schema: accountsAnswer, signal })).data,
});

export const pathOfAccount = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;

/** What is brought, shared or switched moves the quota of the shared pool too. `gone` is not asked for again. */
export function refreshSharing(queryClient: QueryClient, gone?: string): Promise<unknown> {
  return Promise.all([
    queryClient.invalidateQueries({ queryKey: accountsQuery.queryKey }),
    queryClient.invalidateQueries({
      queryKey: ['own-account-quotas'],
      predicate: ({ queryKey }) => gone === undefined || !queryKey.includes(gone),
    }),
    queryClient.invalidateQueries({ queryKey: ['shared-pool'] }),
  ]);
}

export function useBringAccount() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (input: z.input<typeof createAccountInput>) =>
      (await callBareApi({ method: 'POST', path: PATH, body: input, schema: accountAnswer })).data,
    onSuccess: () => refreshSharing(queryClient),
  });
}

/** One thing at a time: its name, whether it is in use, whether others may use it. */
export type AccountChange = { name: string } | { status: 0 | 1 } | { is_shared: 0 | 1 };

export function useChangeAccount(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (change: AccountChange) => {
      const what = 'name' in change ? 'name' : 'status' in change ? 'status' : 'type';
      const call = {
        method: 'PUT',
        path: `${pathOfAccount(id)}/${what}`,
        body: change,
        schema: accountAnswer,
      } as const;
      return (await callBareApi(call)).data;
    },
    onSettled: () => refreshSharing(queryClient),
  });
}

export function useDeleteAccount() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => callBareApi({ method: 'DELETE', path: pathOfAccount(id), schema: confirmation }),
    onSuccess: (_answer, id) => refreshSharing(queryClient, id),
  });
}
