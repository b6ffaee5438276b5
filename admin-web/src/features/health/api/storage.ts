import { storageAnswer } from '@sluice/contract/carried-settings';
import { mediaTotalsAnswer } from '@sluice/contract/media';
import { lowQuotasAnswer } from '@sluice/contract/plugin-api';
import { queryOptions } from '@tanstack/react-query';
import { callApi, callBareApi } from '../../../lib/api-client.ts';

/** What settings are kept in. */
export const storageQuery = queryOptions({
  queryKey: ['storage'],
  queryFn: ({ signal }) => callBareApi({ path: '/api/v1/admin/storage', schema: storageAnswer, signal }),
  staleTime: Infinity,
});

/** How many media are kept, and how large they are together. */
export const mediaTotalsQuery = queryOptions({
  queryKey: ['media', 'totals'],
  queryFn: ({ signal }) => callBareApi({ path: '/api/v1/admin/cache', schema: mediaTotalsAnswer, signal }),
});

/** Credentials of which at most a tenth remains for some model. */
export const lowQuotasQuery = queryOptions({
  queryKey: ['credentials', 'low-quotas'],
  queryFn: ({ signal }) => callApi({ path: '/api/quotas/low', schema: lowQuotasAnswer.shape.data, signal }),
});
