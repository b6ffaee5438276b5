import { conversationsDeleted } from '@sluice/contract/conversations';
import { confirmation } from '@sluice/contract/envelopes';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { conversationPath, CONVERSATIONS } from '../../../lib/api/conversation.ts';
import { callBareApi } from '../../../lib/api-client.ts';

/** Deletes one, named `<kind>/<id>`. */
export function useDeleteConversation(owner: string | undefined) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      callBareApi({ method: 'DELETE', path: conversationPath(name), query: { owner }, schema: confirmation }),
    // Not what was said: the drawer shows it until it is closed, and would ask for what is gone.
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [...CONVERSATIONS, 'list'] }),
  });
}

/** Deletes all of one owner: one call after another until nothing is left, or until somebody says stop. */
export function useDeleteAllConversations(owner: string | undefined) {
  const queryClient = useQueryClient();
  const [deleted, setDeleted] = useState(0);
  const stopped = useRef(false);
  const deletion = useMutation({
    mutationFn: async () => {
      stopped.current = false;
      let sum = 0;
      setDeleted(0);
      for (;;) {
        const step = await callBareApi({
          method: 'DELETE',
          path: '/api/conversations',
          query: { owner },
          schema: conversationsDeleted,
        });
        sum += step.deleted;
        setDeleted(sum);
        if (!step.has_more || stopped.current) return sum;
      }
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: [...CONVERSATIONS, 'list'] }),
  });
  return {
    deletion,
    deleted,
    stop: () => {
      stopped.current = true;
    },
  };
}
