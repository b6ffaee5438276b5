import { userPlanAnswer } from '@sluice/contract/plans';
import { redeemAnswer } from '@sluice/contract/redemption-codes';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';

/** The caller's plan, or the last one that there was. */
export const ownPlanQuery = queryOptions({
  queryKey: ['own-plan'],
  queryFn: async ({ signal }) => (await callBareApi({ path: '/api/user/plan', schema: userPlanAnswer, signal })).plan,
});

/** Redeems a code for a plan. */
export function useRedeem() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (code: string) =>
      (await callBareApi({ method: 'POST', path: '/api/user/redeem-code', body: { code }, schema: redeemAnswer })).plan,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ownPlanQuery.queryKey }),
  });
}
