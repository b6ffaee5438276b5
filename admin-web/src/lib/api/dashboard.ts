import { userDashboard } from '@sluice/contract/usage-views';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../api-client.ts';

export type Dashboard = z.output<typeof userDashboard>;

/** The caller's own usage, limits, plan, keys and last requests in one answer. */
export const dashboardQuery = queryOptions({
  queryKey: ['dashboard'],
  queryFn: ({ signal }) => callApi({ path: '/api/user/dashboard', schema: userDashboard, signal }),
});
