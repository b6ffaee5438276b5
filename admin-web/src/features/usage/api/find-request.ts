import { usageStory } from '@sluice/contract/usage-story';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';

const UNDER_WAY_REFRESH_MS = 1500;

/** One request by its id, whether or not a list has it. Asked anew until the request has ended. */
export function requestQuery(requestId: string) {
  return queryOptions({
    queryKey: ['usage-request', requestId],
    queryFn: ({ signal }) =>
      callApi({ path: `/api/usage/requests/${encodeURIComponent(requestId)}`, schema: usageStory, signal }),
    refetchInterval: (query) => (query.state.data?.phase === 'open' ? UNDER_WAY_REFRESH_MS : false),
  });
}
