import { upstreamView, type upstreamFields } from '@sluice/contract/upstreams';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callBareApi } from '../../../../lib/api-client.ts';
import { upstreamsQuery } from '../../../../lib/api/upstreams.ts';

export type UpstreamInput = z.input<typeof upstreamFields>;

const putUpstreamAnswer = z.object({ data: upstreamView, warnings: z.array(z.string()) });

/** Makes an upstream, or changes the one of this name. */
export function usePutUpstream() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ name, fields }: { name: string; fields: UpstreamInput }) =>
      callBareApi({
        method: 'PUT',
        path: `/api/admin/upstreams/${encodeURIComponent(name)}`,
        body: fields,
        schema: putUpstreamAnswer,
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: upstreamsQuery.queryKey }),
  });
}
