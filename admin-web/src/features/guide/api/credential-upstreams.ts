import { credentialView } from '@sluice/contract/credentials';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

const ENOUGH = 50;
const answer = z.object({ data: z.array(credentialView.pick({ upstream: true })) });

/** Names of upstreams that have a credential, of the newest credentials. For operators. */
export const credentialUpstreamsQuery = queryOptions({
  queryKey: ['credentials', 'upstreams'],
  queryFn: async ({ signal }) => {
    const query = { limit: ENOUGH };
    const { data } = await callBareApi({ path: '/api/admin/credentials', query, schema: answer, signal });
    return [...new Set(data.map(({ upstream }) => upstream))];
  },
});
