import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { callBareApi } from '../../../lib/api-client.ts';
import { KEY_LISTS } from './list-keys.ts';

/** Deletes a key for good; its usage stays in the log. */
export function useDeleteKey() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      callBareApi({ method: 'DELETE', path: `/api/keys/${encodeURIComponent(id)}`, schema: z.unknown() }),
    // The lists only: a drawer that still shows the key while it slides out would ask for what is gone.
    onSettled: () => queryClient.invalidateQueries({ queryKey: KEY_LISTS }),
  });
}
