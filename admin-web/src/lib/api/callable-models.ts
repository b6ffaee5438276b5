import { callableModel } from '@sluice/contract/models';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { callApi } from '../api-client.ts';

/** The models that the caller's keys may ask for, by name and class. */
export const callableModelsQuery = queryOptions({
  queryKey: ['callable-models'],
  queryFn: ({ signal }) => callApi({ path: '/api/user/models', schema: z.array(callableModel), signal }),
  staleTime: 60_000,
});
