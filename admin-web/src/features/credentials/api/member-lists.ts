import {
  clientIdListAnswer,
  clientIdListChanged,
  proxyListAnswer,
  proxyListChanged,
  reassignReport,
} from '@sluice/contract/credential-records';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi, callBareApi } from '../../../lib/api-client.ts';
import { byCursor, type LongWork } from '../list/long-work.ts';
import type { SentProxy } from '../list/list-lines.ts';

export type ReassignReport = z.output<typeof reassignReport>['data'];
export type ReassignTask = NonNullable<ReassignReport['next']>;

const PROXIES = '/api/admin/proxy-list';
const clientIdsPath = (upstream: string): string => `/api/admin/upstreams/${encodeURIComponent(upstream)}/client-ids`;

export const proxyListQuery = queryOptions({
  queryKey: ['proxy-list'],
  queryFn: ({ signal }) => callApi({ path: PROXIES, schema: proxyListAnswer.shape.data, signal }),
});

export function clientIdsQuery(upstream: string) {
  return queryOptions({
    queryKey: ['client-ids', upstream],
    queryFn: ({ signal }) => callApi({ path: clientIdsPath(upstream), schema: clientIdListAnswer.shape.data, signal }),
  });
}

/** Replaces the whole list. */
export function useSaveProxies() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (proxies: readonly SentProxy[]) =>
      callBareApi({ method: 'PUT', path: PROXIES, body: { proxies }, schema: proxyListChanged }),
    onSuccess: ({ data }) => queryClient.setQueryData(proxyListQuery.queryKey, data),
  });
}

/** Replaces the whole list of the upstream. */
export function useSaveClientIds(upstream: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (clientIds: readonly string[]) =>
      callBareApi({ method: 'PUT', path: clientIdsPath(upstream), body: { clientIds }, schema: clientIdListChanged }),
    onSuccess: ({ data }) => queryClient.setQueryData(clientIdsQuery(upstream).queryKey, data),
  });
}

/** Brings all records to the lists, from where `task` says. */
export function reassignWork(task: ReassignTask): LongWork<ReassignReport> {
  return byCursor(task, async (step, signal) => {
    const report = await callApi({
      method: 'POST',
      path: '/api/admin/credentials/reassign',
      body: step,
      schema: reassignReport.shape.data,
      signal,
    });
    return { results: [report], next: report.next };
  });
}
