import * as z from 'zod';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';

const owned = { id: z.string(), ownerId: z.string(), createdAt: z.number(), expiresAt: z.number() };

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
  schema: z.object({ ...owned, packed: z.instanceof(Uint8Array) }),
});

interface PackedSession extends PackedResponse {
  updatedAt: number;
}

export const SESSION_ITEM = defineItemSchema<PackedSession>({
  type: 'chatSession',
  schema: z.object({ ...owned, updatedAt: z.number(), packed: z.instanceof(Uint8Array) }),
});

export const CONTENT_ITEMS: readonly AnyItemSchema[] = [RESPONSE_ITEM, SESSION_ITEM];
