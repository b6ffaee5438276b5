import { accountsAnswer } from '@sluice/contract/plugin-api';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

/** Credentials that the caller brought. */
export const ownAccountsQuery = queryOptions({
  queryKey: ['accounts', 'glance'],
  queryFn: ({ signal }) => callApi({ path: '/api/plugin-api/accounts', schema: accountsAnswer.shape.data, signal }),
});
