import type { ListedConversation } from '@sluice/core/content/store';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { bytes, nullable, number, object, oneOf, text } from './shape.ts';

const owned = { id: text, ownerId: text, createdAt: number, expiresAt: number };

/** `packed` is the content, JSON, compressed: bytes of an item are what it costs. */
interface PackedResponse {
  id: string;
  ownerId: string;
  createdAt: number;
  expiresAt: number;
  packed: Uint8Array;
}

export const RESPONSE_ITEM = defineItemSchema<PackedResponse>({
  type: 'response',
  schema: object({ ...owned, packed: bytes }),
});

interface PackedSession extends PackedResponse {
  updatedAt: number;
}

export const SESSION_ITEM = defineItemSchema<PackedSession>({
  type: 'chatSession',
  schema: object({ ...owned, updatedAt: number, packed: bytes }),
});

export const CONVERSATION_ITEM = defineItemSchema<ListedConversation>({
  type: 'conversation',
  schema: object({
    ...owned,
    kind: oneOf(['session', 'response']),
    model: nullable(text),
    title: text,
    turns: number,
    updatedAt: number,
    bytes: number,
  }),
});

export const CONTENT_ITEMS: readonly AnyItemSchema[] = [RESPONSE_ITEM, SESSION_ITEM, CONVERSATION_ITEM];
