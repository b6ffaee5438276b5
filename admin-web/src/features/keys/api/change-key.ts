import { keyView } from '@sluice/contract/keys';
import type { changeKeyInput } from '@sluice/contract/keys';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../../../lib/api-client.ts';
import { keysQuery } from './list-keys.ts';

export type KeyChange = z.input<typeof changeKeyInput>;

/** Changes what may be changed of a key: whether it is accepted, its name, its models. */
export function useChangeKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: KeyChange }) =>
      callApi({ method: 'PATCH', path: `/api/keys/${encodeURIComponent(id)}`, body: change, schema: keyView }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
}
