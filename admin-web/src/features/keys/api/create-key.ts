import { createdKeyView } from '@sluice/contract/keys';
import type { createKeyInput } from '@sluice/contract/keys';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';
import { keysQuery } from './list-keys.ts';

export type CreatedKey = z.output<typeof createdKeyView>;

/** Makes a key. Its secret is in this one answer only. */
export function useCreateKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: z.input<typeof createKeyInput>) =>
      callApi({ method: 'POST', path: '/api/keys', body: input, schema: createdKeyView }),
    onSuccess: (created) => {
      rememberFreshKey(created.key);
      return queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
    },
  });
}
