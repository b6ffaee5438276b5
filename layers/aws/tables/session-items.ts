import type { Session } from '@sluice/core/identity/session-store';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { nullable, number, object, text } from './shape.ts';

/** Not `session`: sessions of that type were cookies only, under the digest of their token. */
export const SESSION_ITEM = defineItemSchema<Session>({
  type: 'signIn',
  schema: object({
    id: text,
    userId: text,
    validAfter: number,
    createdAt: number,
    lastUsedAt: number,
    userAgent: text,
    address: text,
    cookie: nullable(object({ digest: text, expiresAt: number })),
    refresh: nullable(
      object({ seedVersion: text, salt: text, generation: number, rotatedAt: number, expiresAt: number }),
    ),
  }),
});

export const SESSION_ITEMS: readonly AnyItemSchema[] = [SESSION_ITEM];
