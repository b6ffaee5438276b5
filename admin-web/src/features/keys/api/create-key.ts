import { createdKeyView, type createKeyInput } from '@sluice/contract/keys';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { rememberFreshKey } from '../../../lib/fresh-key.ts';
import { KEYS } from './list-keys.ts';

export type CreatedKey = z.output<typeof createdKeyView>;

interface NewKey {
  /** Name of the user that it is for; absent = the caller. */
  owner?: string | undefined;
  input: z.input<typeof createKeyInput>;
}

/** Makes a key. Its secret is in this one answer only, and stays in this tab's memory. */
export function useCreateKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ owner, input }: NewKey) =>
      callApi({ method: 'POST', path: '/api/keys', query: { owner }, body: input, schema: createdKeyView }),
    onSuccess: (created) => {
      rememberFreshKey(created.key);
      return queryClient.invalidateQueries({ queryKey: KEYS });
    },
  });
}
