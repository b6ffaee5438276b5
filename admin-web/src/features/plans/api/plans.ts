import { confirmation } from '@sluice/contract/envelopes';
import { planList, planView, type planChangeInput, type planInput } from '@sluice/contract/plans';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi, callBareApi } from '../../../lib/api-client.ts';

export type Plan = z.output<typeof planView>;

/** Plans that codes are made from. */
export const plansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => callApi({ path: '/api/admin/plans', schema: planList, signal }),
});

const pathOf = (name: string): string => `/api/admin/plans/${encodeURIComponent(name)}`;

/** Makes a plan, or changes the one of this name for codes to come. */
export function useSavePlan(name: string | null) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (plan: z.input<typeof planInput>) => {
      if (name === null) return callApi({ method: 'POST', path: '/api/admin/plans', body: plan, schema: planView });
      const { name: _name, ...change } = plan;
      const body: z.input<typeof planChangeInput> = change;
      return callApi({ method: 'PUT', path: pathOf(name), body, schema: planView });
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: plansQuery.queryKey }),
  });
}

export function useDeletePlan() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => callBareApi({ method: 'DELETE', path: pathOf(name), schema: confirmation }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: plansQuery.queryKey }),
  });
}
