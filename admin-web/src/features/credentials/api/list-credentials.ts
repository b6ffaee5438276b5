import { credentialView } from '@sluice/contract/credentials';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';

export type Credential = z.output<typeof credentialView>;

/** What is presented to upstreams, without the secrets: those are sealed on arrival and cannot be read here. */
export const credentialsQuery = queryOptions({
  queryKey: ['credentials'],
  queryFn: ({ signal }) => callApi({ path: '/api/admin/credentials', schema: z.array(credentialView), signal }),
});
