import { usageStats } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

/** What was used through one credential. */
export interface CredentialUsage {
  requests: number;
  failed: number;
  costMicros: number;
}

const DAY_MS = 86_400_000;
const USAGE_DAYS = 30;
/** As many as the API tells; with more credentials than that, the least used are not known of. */
const MOST = 1000;

/** By `upstream/name`, of the last 30 days. `isWhole`: who is not in it was not used. */
export const credentialUsageQuery = queryOptions({
  queryKey: ['credential-usage'],
  queryFn: async ({ signal }) => {
    const { groups = [] } = await callApi({
      path: '/api/usage/stats',
      query: { scope: 'all', group_by: 'credential', sort: 'cost', top: MOST, start_date: firstDay() },
      schema: usageStats,
      signal,
    });
    const byName = new Map(groups.map((group): [string, CredentialUsage] => [group.id, usageOf(group)]));
    return { byName, isWhole: groups.length < MOST };
  },
  staleTime: 60_000,
});

function usageOf(sums: { requests: number; failed_requests: number; cost_micros: number }): CredentialUsage {
  return { requests: sums.requests, failed: sums.failed_requests, costMicros: sums.cost_micros };
}

/** Begins with a whole day, so that kept sums answer it. */
function firstDay(): string {
  return `${new Date(Date.now() - USAGE_DAYS * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`;
}
