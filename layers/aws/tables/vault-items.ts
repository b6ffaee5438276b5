import {
  CREDENTIAL_KINDS,
  UPSTREAM_FORMATS,
  VENDORS,
  type Credential,
  type Upstream,
} from '@sluice/core/credentials/store';
import * as z from 'zod';
import { LIMITS } from './identity-items.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';

export const UPSTREAM_ITEM = defineItemSchema<Upstream>({
  type: 'upstream',
  schema: z.object({
    name: z.string(),
    format: z.enum(UPSTREAM_FORMATS),
    vendor: z.enum(VENDORS),
    baseUrl: z.string(),
    createdAt: z.number(),
    updatedAt: z.number(),
  }),
});

export const CREDENTIAL_ITEM = defineItemSchema<Credential>({
  type: 'credential',
  schema: z.object({
    id: z.string(),
    upstream: z.string(),
    name: z.string(),
    kind: z.enum(CREDENTIAL_KINDS),
    tier: z.enum(['basic', 'super']),
    priority: z.number(),
    weight: z.number(),
    enabled: z.boolean(),
    proxyUrl: z.string().nullable(),
    limits: LIMITS,
    secret: z.object({ keyVersion: z.string(), encapsulatedSecret: z.string(), ciphertext: z.string() }),
    secretDigest: z.string(),
    createdAt: z.number(),
    updatedAt: z.number(),
  }),
  upgrades: [(item) => ({ ...item, limits: {} })],
});

/** Whose a name is within its upstream. */
export const CREDENTIAL_NAME_ITEM = defineItemSchema({
  type: 'credentialName',
  schema: z.object({ credentialId: z.string() }),
});

export const VAULT_ITEMS: readonly AnyItemSchema[] = [UPSTREAM_ITEM, CREDENTIAL_ITEM, CREDENTIAL_NAME_ITEM];
