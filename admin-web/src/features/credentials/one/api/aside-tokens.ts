import { asideTokensAnswer } from '@sluice/contract/aside-tokens';
import { credentialView } from '@sluice/contract/credentials';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from '../../../../lib/api-client.ts';
import { CREDENTIALS } from '../../api/list-credentials.ts';
import { keyOf, pathOf, type Place } from './credential.ts';

/** Tokens that were received and could not go where they belong. */
export function asideTokensQuery(place: Place) {
  return queryOptions({
    queryKey: [...keyOf(place), 'aside'],
    queryFn: ({ signal }) =>
      callApi({ path: `${pathOf(place)}/tokens-aside`, schema: asideTokensAnswer.shape.data, signal }),
  });
}

/** Has them take the place of what stands there. */
export function useAdoptTokens(place: Place) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (attempt: string) =>
      callApi({
        method: 'POST',
        path: `${pathOf(place)}/tokens-aside/${encodeURIComponent(attempt)}/adopt`,
        schema: credentialView,
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: CREDENTIALS }),
  });
}
