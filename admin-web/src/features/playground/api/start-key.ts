import { createdKeyView } from '@sluice/contract/keys';
import { useMutation } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';

const DAY_MS = 86_400_000;
/** Names of keys are taken once; another tab may make one in the same second. */
const TELLING_APART = 4;

/** Makes a key that ends in a day, for this tab alone: it is kept in memory and nowhere else. */
export function useStartKey() {
  return useMutation({
    mutationFn: (name: string) =>
      callApi({
        method: 'POST',
        path: '/api/keys',
        body: {
          name: `${name}, ${crypto.randomUUID().slice(0, TELLING_APART)}`,
          expires_at: new Date(Date.now() + DAY_MS).toISOString(),
        },
        schema: createdKeyView,
      }),
    onSuccess: ({ key }) => rememberFreshKey(key),
  });
}
