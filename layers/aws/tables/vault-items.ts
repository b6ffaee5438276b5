import {
  CREDENTIAL_KINDS,
  UPSTREAM_FORMATS,
  VENDORS,
  type Credential,
  type Upstream,
} from '@sluice/core/credentials/store';
import { LIMITS } from './identity-items.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, nullable, number, object, oneOf, text } from './shape.ts';

export const UPSTREAM_ITEM = defineItemSchema<Upstream>({
  type: 'upstream',
  schema: object({
    name: text,
    format: oneOf(UPSTREAM_FORMATS),
    vendor: oneOf(VENDORS),
    baseUrl: text,
    createdAt: number,
    updatedAt: number,
  }),
});

export const CREDENTIAL_ITEM = defineItemSchema<Credential>({
  type: 'credential',
  schema: object({
    id: text,
    upstream: text,
    name: text,
    kind: oneOf(CREDENTIAL_KINDS),
    tier: oneOf(['basic', 'super']),
    priority: number,
    weight: number,
    enabled: boolean,
    proxyUrl: nullable(text),
    limits: LIMITS,
    secret: object({ keyVersion: text, encapsulatedSecret: text, ciphertext: text }),
    secretDigest: text,
    createdAt: number,
    updatedAt: number,
  }),
  upgrades: [(item) => ({ ...item, limits: {} })],
});

/** Whose a name is within its upstream. */
export const CREDENTIAL_NAME_ITEM = defineItemSchema({
  type: 'credentialName',
  schema: object({ credentialId: text }),
});

export const VAULT_ITEMS: readonly AnyItemSchema[] = [UPSTREAM_ITEM, CREDENTIAL_ITEM, CREDENTIAL_NAME_ITEM];
