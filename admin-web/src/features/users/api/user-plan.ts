import { confirmation } from '@sluice/contract/envelopes';
import { planList, userPlanAnswer, type givePlanInput } from '@sluice/contract/plans';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi, callBareApi } from '../../../lib/api-client.ts';
import { USERS } from './users.ts';

const pathOf = (id: string): string => `/api/admin/users/${encodeURIComponent(id)}/plan`;

/** The plan of a user, or the last one that there was. */
export function userPlanQuery(id: string) {
  return queryOptions({
    queryKey: [...USERS, 'plan', id],
    queryFn: async ({ signal }) => (await callBareApi({ path: pathOf(id), schema: userPlanAnswer, signal })).plan,
  });
}

/** Plans that can be given by name. */
export const namedPlansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: ({ signal }) => callApi({ path: '/api/admin/plans', schema: planList, signal }),
});

export function useGivePlan(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: z.input<typeof givePlanInput>) =>
      callBareApi({ method: 'PUT', path: pathOf(id), body: input, schema: userPlanAnswer }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: userPlanQuery(id).queryKey }),
  });
}

/** Ends the plan at once. */
export function useEndPlan(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => callBareApi({ method: 'DELETE', path: pathOf(id), schema: confirmation }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: userPlanQuery(id).queryKey }),
  });
}
