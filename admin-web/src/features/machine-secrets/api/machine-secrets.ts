import { confirmation } from '@sluice/contract/envelopes';
import {
  machineSecretView,
  shownMachineSecretView,
  type changeMachineSecretInput,
  type createMachineSecretInput,
  type MachineSecretView,
} from '@sluice/contract/machine-secrets';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callApi, callBareApi } from '../../../lib/api-client.ts';

export type MachineSecret = MachineSecretView;

const PATH = '/api/admin/machine-secrets';
const pathOf = (name: string): string => `${PATH}/${encodeURIComponent(name)}`;

/** All of them: there are fifty at most. */
export const machineSecretsQuery = queryOptions({
  queryKey: ['machine-secrets'],
  queryFn: ({ signal }) => callApi({ path: PATH, schema: z.array(machineSecretView), signal }),
});

function useRefresh(): () => Promise<void> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: machineSecretsQuery.queryKey });
}

/** The answer carries the secret, this once. */
export function useCreateMachineSecret() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (input: z.input<typeof createMachineSecretInput>) =>
      callApi({ method: 'POST', path: PATH, body: input, schema: shownMachineSecretView }),
    onSettled: refresh,
  });
}

export function useChangeMachineSecret(name: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (change: z.input<typeof changeMachineSecretInput>) =>
      callApi({ method: 'PATCH', path: pathOf(name), body: change, schema: machineSecretView }),
    onSettled: refresh,
  });
}

/** Another value, shown this once; the present one goes on for `graceSeconds`. */
export function useRotateMachineSecret(name: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (graceSeconds: number) => {
      const body = { previousValidForSeconds: graceSeconds };
      return callApi({ method: 'POST', path: `${pathOf(name)}/rotate`, body, schema: shownMachineSecretView });
    },
    onSettled: refresh,
  });
}

/** Ends what the last rotation left valid. */
export function useEndPrevious(name: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => callApi({ method: 'DELETE', path: `${pathOf(name)}/previous`, schema: machineSecretView }),
    onSettled: refresh,
  });
}

export function useDeleteMachineSecret() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (name: string) => callBareApi({ method: 'DELETE', path: pathOf(name), schema: confirmation }),
    onSettled: refresh,
  });
}
