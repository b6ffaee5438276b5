import {
  alertRuleView,
  alertsAnswer,
  testAnswer,
  type AlertRuleView,
  type changeAlertRuleInput,
  type createAlertRuleInput,
} from '@sluice/contract/alerts';
import { confirmation } from '@sluice/contract/envelopes';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi, callBareApi } from '../../../lib/api-client.ts';
import { ALERTS } from './alerts.ts';

export type Rule = AlertRuleView;
export type RuleInput = z.input<typeof createAlertRuleInput>;

export const rulesQuery = queryOptions({
  queryKey: [...ALERTS, 'rules'],
  queryFn: async ({ signal }) => {
    const answer = await callApi({
      path: '/api/admin/alerts',
      query: { type: 'rules', limit: 200 },
      schema: alertsAnswer.shape.data,
      signal,
    });
    return { rules: answer.rules ?? [], evaluatedAt: answer.evaluatedAt };
  },
});

const pathOf = (id: string): string => `/api/admin/alerts/rules/${encodeURIComponent(id)}`;

/** Makes a rule, or changes this one. */
export function useSaveRule(id: string | null) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (rule: RuleInput) =>
      id === null
        ? callApi({ method: 'POST', path: '/api/admin/alerts/rules', body: rule, schema: alertRuleView })
        : callApi({ method: 'PUT', path: pathOf(id), body: rule, schema: alertRuleView }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ALERTS }),
  });
}

/** Changes some of a rule: whether it is on. */
export function useChangeRule() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: z.input<typeof changeAlertRuleInput> }) =>
      callApi({ method: 'PUT', path: pathOf(id), body: change, schema: alertRuleView }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ALERTS }),
  });
}

export function useDeleteRule() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => callBareApi({ method: 'DELETE', path: pathOf(id), schema: confirmation }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ALERTS }),
  });
}

/** Sends a test to the channels of a rule. */
export function useTestRule() {
  return useMutation({
    mutationFn: (id: string) =>
      callApi({ method: 'POST', path: `${pathOf(id)}/test`, body: {}, schema: testAnswer.shape.data }),
  });
}
