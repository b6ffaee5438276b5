import { mediaClearAnswer } from '@sluice/contract/media';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { callBareApi } from '../../../lib/api-client.ts';
import type { MediaType } from '../media-search.ts';
import { MEDIA } from './list-media.ts';

/** Deletes all media of a type: one call after another until nothing is left, or until somebody says stop. */
export function useClearMedia(type: MediaType) {
  const queryClient = useQueryClient();
  const [deleted, setDeleted] = useState(0);
  const stopped = useRef(false);
  const clearing = useMutation({
    mutationFn: async () => {
      stopped.current = false;
      setDeleted(0);
      for (;;) {
        const step = await callBareApi({
          method: 'POST',
          path: '/api/v1/admin/cache/clear',
          body: { type },
          schema: mediaClearAnswer,
        });
        setDeleted((before) => before + step.deleted);
        if (!step.has_more || stopped.current) return;
      }
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: MEDIA }),
  });
  return {
    clearing,
    deleted,
    stop: () => {
      stopped.current = true;
    },
  };
}
