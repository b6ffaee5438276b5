import type { ApiKey, KeyMetadata, User } from '@sluice/core/identity/store';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, isObject, list, nullable, number, object, oneOf, optional, shapeOf, text } from './shape.ts';

const limit = optional(number);

/** Of a role or of one user. */
export const USER_LIMITS = object({
  requestsPerMinute: limit,
  tokensPer24Hours: limit,
  maxConcurrent: limit,
  budgetMicrosPerMonth: limit,
  keys: limit,
});

export const USER_ITEM = defineItemSchema<User>({
  type: 'user',
  schema: object({
    id: text,
    username: text,
    email: nullable(text),
    role: oneOf(['user', 'admin', 'super_admin']),
    passwordHash: nullable(text),
    enabled: boolean,
    silenced: boolean,
    emailVerified: boolean,
    validAfter: number,
    trustLevel: number,
    mustChangePassword: boolean,
    limits: optional(USER_LIMITS),
    createdAt: number,
  }),
  upgrades: [(user) => ({ ...user, trustLevel: 0, mustChangePassword: false })],
});

/** A unique user name or e-mail address, and whose it is. */
export const LOGIN_GUARD_ITEM = defineItemSchema({ type: 'loginGuard', schema: object({ userId: text }) });

/** Limits of a key, or of a credential. */
export const LIMITS = object({
  requestsPerMinute: limit,
  tokensPerDay: limit,
  perDay: optional(object({ chat: limit, heavy: limit, image: limit, video: limit })),
  budgetMicrosPerMonth: optional(nullable(number)),
  maxConcurrent: limit,
});

export const API_KEY_ITEM = defineItemSchema<ApiKey>({
  type: 'key',
  schema: object({
    id: text,
    ownerId: text,
    name: text,
    digest: text,
    pepperVersion: text,
    preview: text,
    enabled: boolean,
    expiresAt: nullable(number),
    models: list(text),
    limits: LIMITS,
    allowedIps: optional(list(text)),
    channel: optional(nullable(text)),
    description: optional(nullable(text)),
    metadata: optional(nullable(shapeOf((value): value is KeyMetadata => isObject(value)))),
    createdAt: number,
  }),
});

export const API_KEY_GUARD_ITEM = defineItemSchema({ type: 'keyGuard', schema: object({ digest: text }) });

/** How many keys an owner has. */
export const KEY_COUNT_ITEM = defineItemSchema({ type: 'keyCount', schema: object({ count: number }) });

export const KEY_USE_ITEM = defineItemSchema({ type: 'keyUse', schema: object({ keyId: text, usedAt: number }) });

export const IDENTITY_ITEMS: readonly AnyItemSchema[] = [
  USER_ITEM,
  LOGIN_GUARD_ITEM,
  API_KEY_ITEM,
  API_KEY_GUARD_ITEM,
  KEY_COUNT_ITEM,
  KEY_USE_ITEM,
];
