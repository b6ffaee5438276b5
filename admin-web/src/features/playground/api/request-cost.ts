import { usageStory } from '@sluice/contract/usage-story';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, callApi } from '../../../lib/api-client.ts';

const AGAIN_MS = 1_000;
const MOST_TRIES = 8;

/** What a request has used and cost, as soon as it is settled; asked for only when its answer is here. */
export function requestCostQuery(requestId: string | null) {
  return queryOptions({
    queryKey: ['request-cost', requestId],
    enabled: requestId !== null,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const path = `/api/usage/requests/${encodeURIComponent(requestId ?? '')}`;
      const { row, price } = await callApi({ path, schema: usageStory, signal });
      if (row === null) throw new ApiError({ status: 404, code: 'open', message: 'The request is not settled yet.' });
      return {
        input: row.input_tokens,
        output: row.output_tokens,
        micros: price === null ? null : row.cost_micros,
      };
    },
    retry: (count) => count < MOST_TRIES,
    retryDelay: AGAIN_MS,
  });
}
