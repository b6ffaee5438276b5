import { lowQuotasAnswer } from '@sluice/contract/plugin-api';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { CREDENTIALS } from './list-credentials.ts';

export type LowQuota = z.output<typeof lowQuotasAnswer>['data'][number];

/** Of every credential the models of which less than `threshold` is left; 1 = all of it. Least first. */
export function lowQuotasQuery(threshold: number) {
  return queryOptions({
    queryKey: [...CREDENTIALS, 'low', threshold],
    queryFn: ({ signal }) =>
      callApi({ path: '/api/quotas/low', query: { threshold }, schema: lowQuotasAnswer.shape.data, signal }),
  });
}
