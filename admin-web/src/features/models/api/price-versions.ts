import { priceVersions } from '@sluice/contract/prices';
import { queryOptions } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { modelPath } from './model-path.ts';

/** Under it stand the versions of every model's price. */
export const PRICE_VERSIONS = ['price-versions'] as const;

/** All versions that a model's price ever had, newest first. */
export function priceVersionsQuery(model: string) {
  return queryOptions({
    queryKey: [...PRICE_VERSIONS, model],
    queryFn: ({ signal }) => callApi({ path: `${modelPath(model)}/prices`, schema: priceVersions, signal }),
  });
}
