import { confirmation } from '@sluice/contract/envelopes';
import { upstreamView } from '@sluice/contract/upstreams';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi, callBareApi } from '../../../lib/api-client.ts';
import { upstreamsQuery } from '../../../lib/api/upstreams.ts';
import type { UpstreamInput } from '../upstream-form.ts';

const pathOf = (name: string): string => `/api/admin/upstreams/${encodeURIComponent(name)}`;

/** Makes the upstream, or changes the one of this name. */
export function useSaveUpstream() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ name, upstream }: { name: string; upstream: UpstreamInput }) =>
      callApi({ method: 'PUT', path: pathOf(name), body: upstream, schema: upstreamView }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: upstreamsQuery.queryKey }),
  });
}

/** Refused with 409 while a credential or a model still points at it. */
export function useDeleteUpstream() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => callBareApi({ method: 'DELETE', path: pathOf(name), schema: confirmation }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: upstreamsQuery.queryKey }),
  });
}
