import { modelView } from '@sluice/contract/models';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { callApi } from '../api-client.ts';

export type Model = z.output<typeof modelView>;

/** Every public model with its routes and price. For administrators. */
export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => callApi({ path: '/api/admin/models', schema: z.array(modelView), signal }),
});
