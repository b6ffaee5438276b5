import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { callData } from './call-data.ts';

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The models that a key may ask, by name. */
export function usableModelsQuery(apiKey: string | null) {
  return queryOptions({
    queryKey: ['usable-models', apiKey !== null],
    enabled: apiKey !== null,
    queryFn: async ({ signal }) => {
      const answer = await callData({ path: '/v1/models', apiKey: apiKey ?? '', signal });
      return modelList.parse(await answer.json()).data.map(({ id }) => id);
    },
  });
}
