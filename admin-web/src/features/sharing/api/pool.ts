import { sharedPoolAnswer, userQuotasAnswer } from '@sluice/contract/plugin-api';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

const POOL = ['shared-pool'] as const;
const REFRESH_MS = 60_000;

export type OwnQuota = z.output<typeof userQuotasAnswer>['data'][number];

/** What the caller may still draw from what others share, by model. */
export const ownQuotasQuery = queryOptions({
  queryKey: [...POOL, 'own'],
  queryFn: async ({ signal }) =>
    (await callBareApi({ path: '/api/plugin-api/quotas/user', schema: userQuotasAnswer, signal })).data,
  refetchInterval: REFRESH_MS,
});

/** What all that is shared has left, by model, and what the caller's calls have used so far. */
export const sharedPoolQuery = queryOptions({
  queryKey: [...POOL, 'all'],
  queryFn: async ({ signal }) =>
    (await callBareApi({ path: '/api/plugin-api/quotas/shared-pool', schema: sharedPoolAnswer, signal })).data,
  refetchInterval: REFRESH_MS,
});
