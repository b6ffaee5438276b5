import {
  CREDENTIAL_KINDS,
  UPSTREAM_FORMATS,
  VENDORS,
  type Credential,
  type Upstream,
} from '@sluice/core/credentials/store';
import type { MachineSecret } from '@sluice/core/credentials/vending/machine-secret';
import { LIMITS } from './identity-items.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, nullable, number, object, oneOf, optional, record, text } from './shape.ts';

export const SEALED = object({ keyVersion: text, encapsulatedSecret: text, ciphertext: text });

const OAUTH_CLIENT = object({
  tokenUrl: text,
  authorizeUrl: nullable(text),
  clientId: text,
  clientSecret: nullable(SEALED),
  clientSecretDigest: nullable(text),
  clientAuth: oneOf(['body', 'basic']),
  scope: nullable(text),
  extra: record(text),
  redirectUri: optional(text),
  authorizeExtra: optional(record(text)),
  policy: object({
    serverError: oneOf(['not-consumed', 'unknown']),
    serverErrorTries: number,
    ambiguous: oneOf(['stop', 'send-once-more']),
  }),
});

export const UPSTREAM_ITEM = defineItemSchema<Upstream>({
  type: 'upstream',
  schema: object({
    name: text,
    format: oneOf(UPSTREAM_FORMATS),
    vendor: oneOf(VENDORS),
    baseUrl: text,
    oauth: optional(nullable(OAUTH_CLIENT)),
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
    disabledByOwner: optional(boolean),
    proxyUrl: nullable(text),
    proxyAuth: optional(nullable(SEALED)),
    proxyAuthDigest: optional(nullable(text)),
    proxyMember: optional(nullable(text)),
    limits: LIMITS,
    secret: nullable(SEALED),
    secretDigest: text,
    tokenDigest: optional(nullable(text)),
    clientId: optional(nullable(text)),
    bizId: optional(nullable(text)),
    email: optional(nullable(text)),
    tag: optional(nullable(text)),
    memo: optional(nullable(text)),
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

/** Whose a biz id or an e-mail address is. */
export const CREDENTIAL_LOOKUP_ITEM = defineItemSchema({
  type: 'credentialLookup',
  schema: object({ upstream: text, credentialId: text }),
});

const MACHINE_VALUE = { digest: text, pepperVersion: text, preview: text, createdAt: number };

export const MACHINE_SECRET_ITEM = defineItemSchema<MachineSecret>({
  type: 'machineSecret',
  schema: object({
    name: text,
    enabled: boolean,
    requestsPerMinute: number,
    current: object(MACHINE_VALUE),
    previous: nullable(object({ ...MACHINE_VALUE, validUntil: number })),
    revision: number,
    createdAt: number,
    updatedAt: number,
  }),
});

/** When a value of a machine secret was last presented. */
export const MACHINE_USE_ITEM = defineItemSchema({ type: 'machineUse', schema: object({ at: number }) });

export const VAULT_ITEMS: readonly AnyItemSchema[] = [
  UPSTREAM_ITEM,
  CREDENTIAL_ITEM,
  CREDENTIAL_NAME_ITEM,
  CREDENTIAL_LOOKUP_ITEM,
  MACHINE_SECRET_ITEM,
  MACHINE_USE_ITEM,
];
