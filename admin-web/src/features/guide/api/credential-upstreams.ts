import { credentialPage } from '@sluice/contract/credential-records';
import { queryOptions } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';

const ENOUGH = 50;

/** Names of upstreams that have a credential, of the newest credentials. For operators. */
export const credentialUpstreamsQuery = queryOptions({
  queryKey: ['credentials', 'upstreams'],
  queryFn: async ({ signal }) => {
    const query = { limit: ENOUGH };
    const { data } = await callBareApi({ path: '/api/admin/credentials', query, schema: credentialPage, signal });
    return [...new Set(data.map(({ upstream }) => upstream))];
  },
});
