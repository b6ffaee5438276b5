import { deliveriesAnswer, testAnswer } from '@sluice/contract/alerts';
import { confirmation } from '@sluice/contract/envelopes';
import { createdWebhookView, webhookView } from '@sluice/contract/webhooks';
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callApi, callBareApi } from '../../../lib/api-client.ts';

export type Webhook = z.output<typeof webhookView>;

const PATH = '/api/admin/webhooks';
const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => callApi({ path: PATH, schema: z.array(webhookView), signal }),
});

/** Makes a webhook. Its secret is in this one answer only. */
export function useCreateWebhook() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: { name: string; url: string }) =>
      callApi({ method: 'POST', path: PATH, body: input, schema: createdWebhookView }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
}

export function useSwitchWebhook() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, enabled }: { id: string; enabled: boolean }) =>
      callApi({ method: 'PUT', path: pathOf(id), body: { enabled }, schema: webhookView }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
}

export function useDeleteWebhook() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => callBareApi({ method: 'DELETE', path: pathOf(id), schema: confirmation }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
}

/** A new secret, shown this once; the old one holds no longer. */
export function useRotateSecret() {
  return useMutation({
    mutationFn: (id: string) =>
      callApi({ method: 'POST', path: `${pathOf(id)}/rotate-secret`, body: {}, schema: createdWebhookView }),
  });
}

export function useTestWebhook() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callApi({ method: 'POST', path: `${pathOf(id)}/test`, body: {}, schema: testAnswer.shape.data }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: deliveriesQuery.queryKey }),
  });
}

/** Notices, and what became of them. */
export const deliveriesQuery = infiniteQueryOptions({
  queryKey: ['deliveries'],
  queryFn: ({ pageParam, signal }) =>
    callApi({
      path: '/api/admin/alerts/deliveries',
      query: { limit: 50, cursor: pageParam ?? undefined },
      schema: deliveriesAnswer.shape.data,
      signal,
    }),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});
