import { z } from 'zod';
import { pageQuery } from './envelopes.ts';

const CONVERSATION_KINDS = ['session', 'response'] as const;

const kind = z.enum(CONVERSATION_KINDS).meta({
  description: '`session`: of the chat surface, up to ten messages. `response`: one answer with all that led to it.',
});

const owner = z.string().min(1).max(100).optional().meta({
  description: 'User id; the caller where absent. Others’ are for administrators.',
});

export const conversationOwnerQuery = z.object({ owner });
export type ConversationOwnerQuery = z.infer<typeof conversationOwnerQuery>;

export const conversationListQuery = z.object({ owner, kind: kind.optional(), ...pageQuery });
export type ConversationListQuery = z.infer<typeof conversationListQuery>;

const facts = {
  kind,
  id: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
};

const conversationFacts = z.object({
  ...facts,
  model: z.string().nullable(),
  title: z.string().nullable().meta({ description: 'How the last question begins; told to its owner only.' }),
  turns: z.number().meta({ description: 'Questions of the user.' }),
  size_bytes: z.number().meta({ description: 'As it is kept, compressed.' }),
  updated_at: z.string(),
});

export const conversationPage = z.object({
  owner: z.string(),
  conversations: z.array(conversationFacts),
  next_cursor: z.string().nullable(),
});

const conversationPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('image'), url: z.string().meta({ description: 'An address, or a data URL.' }) }),
  z.object({ type: z.literal('tool_call'), name: z.string(), arguments: z.string() }),
  z.object({ type: z.literal('tool_result'), text: z.string() }),
  z.object({ type: z.literal('other'), name: z.string().meta({ description: 'What it is, in the format’s word.' }) }),
]);
export type ConversationPart = z.infer<typeof conversationPart>;

const conversationTurn = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  parts: z.array(conversationPart),
});
export type ConversationTurn = z.infer<typeof conversationTurn>;

export const conversation = z.object({
  ...facts,
  owner: z.string(),
  model: z.string().nullable(),
  turns: z.array(conversationTurn),
});

export const conversationsDeleted = z.object({
  success: z.literal(true),
  deleted: z.number(),
  has_more: z.boolean().meta({ description: 'One call deletes 200 at most; call again.' }),
});
