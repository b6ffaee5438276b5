import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import { KEY_LISTS } from './list-keys.ts';
import { keyQuery } from './show-key.ts';

/** Deletes a key for good; its usage stays in the log. */
export function useDeleteKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callBareApi({ method: 'DELETE', path: `/api/keys/${encodeURIComponent(id)}`, schema: z.unknown() }),
    onSuccess: (_answer, id) => queryClient.removeQueries({ queryKey: keyQuery(id).queryKey }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY_LISTS }),
  });
}
