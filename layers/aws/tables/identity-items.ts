import type { ApiKey, Session, User } from '@sluice/core/identity/store';
import * as z from 'zod';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';

const limit = z.number().optional();

export const USER_ITEM = defineItemSchema<User>({
  type: 'user',
  schema: z.object({
    id: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    role: z.enum(['user', 'admin', 'super_admin']),
    passwordHash: z.string().nullable(),
    enabled: z.boolean(),
    silenced: z.boolean(),
    emailVerified: z.boolean(),
    validAfter: z.number(),
    createdAt: z.number(),
  }),
});

/** A unique user name or e-mail address, and whose it is. */
export const LOGIN_GUARD_ITEM = defineItemSchema({ type: 'loginGuard', schema: z.object({ userId: z.string() }) });

/** Limits of a key, or of a credential. */
export const LIMITS = z.object({
  requestsPerMinute: limit,
  tokensPerDay: limit,
  perDay: z.object({ chat: limit, heavy: limit, image: limit, video: limit }).optional(),
  budgetMicrosPerMonth: z.number().nullish(),
  maxConcurrent: limit,
});

export const API_KEY_ITEM = defineItemSchema<ApiKey>({
  type: 'key',
  schema: z.object({
    id: z.string(),
    ownerId: z.string(),
    name: z.string(),
    digest: z.string(),
    pepperVersion: z.string(),
    preview: z.string(),
    enabled: z.boolean(),
    expiresAt: z.number().nullable(),
    models: z.array(z.string()),
    limits: LIMITS,
    createdAt: z.number(),
    lastUsedAt: z.number().nullable(),
  }),
});

export const API_KEY_GUARD_ITEM = defineItemSchema({ type: 'keyGuard', schema: z.object({ digest: z.string() }) });

export const SESSION_ITEM = defineItemSchema<Session>({
  type: 'session',
  schema: z.object({
    tokenDigest: z.string(),
    userId: z.string(),
    createdAt: z.number(),
    expiresAt: z.number(),
  }),
});

export const IDENTITY_ITEMS: readonly AnyItemSchema[] = [
  USER_ITEM,
  LOGIN_GUARD_ITEM,
  API_KEY_ITEM,
  API_KEY_GUARD_ITEM,
  SESSION_ITEM,
];
