import { conversation } from '@sluice/contract/conversations';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi } from '../api-client.ts';

export type Conversation = z.output<typeof conversation>;

/** Under it stands all that is asked about kept conversations. */
export const CONVERSATIONS = ['conversations'] as const;

/** `/api/conversations/<kind>/<id>` of what is named `<kind>/<id>`. */
export function conversationPath(name: string): string {
  const slash = name.indexOf('/');
  return `/api/conversations/${name.slice(0, slash)}/${encodeURIComponent(name.slice(slash + 1))}`;
}

/**
 * What was said in one of them.
 * @param question.owner user id; one's own where absent. Reading another's is written down.
 */
export function conversationQuery({ name, owner }: { name: string; owner?: string | undefined }) {
  return queryOptions({
    queryKey: [...CONVERSATIONS, 'one', name, owner ?? null],
    queryFn: ({ signal }) => callApi({ path: conversationPath(name), query: { owner }, schema: conversation, signal }),
    // Each reading of another's would be one more entry of the audit log.
    staleTime: owner === undefined ? 15_000 : Infinity,
  });
}
