import { mediaClearAnswer } from '@sluice/contract/media';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callBareApi } from '../../../lib/api-client.ts';
import type { MediaType } from '../media-search.ts';
import { MEDIA } from './list-media.ts';

/** Deletes one medium by its name, at once and for good. */
export function useDeleteMedium(type: MediaType) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      callBareApi({
        method: 'POST',
        path: '/api/v1/admin/cache/item/delete',
        body: { type, name },
        schema: mediaClearAnswer,
      }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: MEDIA }),
  });
}
