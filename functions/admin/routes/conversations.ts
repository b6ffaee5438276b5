import {
  conversation,
  conversationListQuery,
  conversationOwnerQuery,
  conversationPage,
  conversationsDeleted,
} from '@sluice/contract/conversations';
import { confirmation, successOf } from '@sluice/contract/envelopes';
import type { AuditRule } from '../audit-rule.ts';
import {
  deleteConversation,
  deleteConversations,
  listConversations,
  showConversation,
} from '../resources/conversations.ts';
import { route, type AdminRoute } from '../route.ts';

/** What was said has no place in the audit log: the GET row of the same path is not read before. */
const UNREAD: AuditRule = { of: 'administrators', before: async () => null };

// prettier-ignore
export function conversationRoutes(): AdminRoute[] {
  const common = { tag: 'Conversations', access: 'conversations:own', query: conversationOwnerQuery } as const;
  const path = '/api/conversations';
  return [
    route({ ...common, method: 'GET', path, summary: 'What is kept of conversations, the last begun first',
      query: conversationListQuery, answer: successOf(conversationPage), run: listConversations }),
    route({ ...common, method: 'DELETE', path, summary: 'Delete what is kept of all conversations of one owner',
      answer: conversationsDeleted, audit: UNREAD, run: deleteConversations }),
    // The handler names the reader of what is somebody else's.
    route({ ...common, method: 'GET', path: `${path}/{kind}/{id}`, summary: 'What was said in one of them',
      answer: successOf(conversation), audit: { of: 'noted' }, run: showConversation }),
    route({ ...common, method: 'DELETE', path: `${path}/{kind}/{id}`, summary: 'Delete one of them',
      answer: confirmation, audit: UNREAD, run: deleteConversation }),
  ];
}
