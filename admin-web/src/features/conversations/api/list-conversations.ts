import { conversationPage } from '@sluice/contract/conversations';
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { CONVERSATIONS } from '../../../lib/api/conversation.ts';
import { callApi } from '../../../lib/api-client.ts';
import type { Kind } from '../conversations-search.ts';

export type ListedConversation = z.output<typeof conversationPage>['conversations'][number];

/** How the address and the API name one. */
export function nameOf({ kind, id }: Pick<ListedConversation, 'kind' | 'id'>): string {
  return `${kind}/${id}`;
}

/** What is kept of one owner, the last begun first. */
export function conversationsQuery(filter: { kind?: Kind | undefined; owner?: string | undefined }) {
  return infiniteQueryOptions({
    queryKey: [...CONVERSATIONS, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      callApi({
        path: '/api/conversations',
        query: { limit: 50, ...filter, cursor: pageParam ?? undefined },
        schema: conversationPage,
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
