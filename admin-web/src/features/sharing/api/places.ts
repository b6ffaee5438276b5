import { placesAnswer } from '@sluice/contract/plugin-api';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';

export type Places = z.output<typeof placesAnswer>['data'];

/** Where the caller may bring credentials, and whether they may at all. */
export const placesQuery = queryOptions({
  queryKey: ['own-accounts', 'places'],
  queryFn: async ({ signal }) =>
    (await callBareApi({ path: '/api/plugin-api/upstreams', schema: placesAnswer, signal })).data,
});
