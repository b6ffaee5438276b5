import { upstreamView } from '@sluice/contract/upstreams';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { callApi } from '../api-client.ts';

export type Upstream = z.output<typeof upstreamView>;

/** Every upstream with its address and OAuth client. For administrators. */
export const upstreamsQuery = queryOptions({
  queryKey: ['upstreams'],
  queryFn: ({ signal }) => callApi({ path: '/api/admin/upstreams', schema: z.array(upstreamView), signal }),
});
