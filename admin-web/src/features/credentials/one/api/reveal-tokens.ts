import { revealedTokens } from '@sluice/contract/credential-refreshes';
import { useMutation } from '@tanstack/react-query';
import { callApi } from '../../../../lib/api-client.ts';
import { pathOf, type Place } from './credential.ts';

/** The tokens as they are. Each time stands in the audit log. */
export function useRevealTokens(place: Place) {
  return useMutation({
    mutationFn: () =>
      callApi({
        method: 'POST',
        path: `${pathOf(place)}/reveal-tokens`,
        body: {},
        schema: revealedTokens.shape.data,
      }),
    // Tokens are not kept once nobody looks at them.
    gcTime: 0,
  });
}
