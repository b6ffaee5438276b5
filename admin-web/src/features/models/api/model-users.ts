import { usageStats } from '@sluice/contract/usage';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

const DAY_MS = 86_400_000;
/** How far back is looked. */
export const LOOK_BACK_DAYS = 30;
/** So many are named at most. */
const MOST_NAMED = 8;

/** Who asked for a model of late: keys and programs, most requests first. */
export function modelUsersQuery(model: string) {
  return queryOptions({
    queryKey: ['model-users', model],
    queryFn: async ({ signal }) => {
      const since = new Date(Date.now() - LOOK_BACK_DAYS * DAY_MS).toISOString().slice(0, 10);
      const ask = (group: 'key' | 'client_app') =>
        callApi({
          path: '/api/usage/stats',
          query: { scope: 'all', model_name: model, start_date: since, group_by: group, top: MOST_NAMED + 1 },
          schema: usageStats,
          signal,
        });
      const [byKey, byClient] = await Promise.all([ask('key'), ask('client_app')]);
      return { requests: byKey.total_requests, keys: named(byKey.groups), clients: named(byClient.groups) };
    },
  });
}

interface Named {
  names: string[];
  hasMore: boolean;
}

function named(groups: { id: string; name: string | null }[] = []): Named {
  const names = groups.map(({ id, name }) => name ?? id).filter((name) => name !== '');
  return { names: names.slice(0, MOST_NAMED), hasMore: names.length > MOST_NAMED };
}
