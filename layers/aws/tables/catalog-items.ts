import {
  QUOTA_CLASSES,
  type DatedPrice,
  type Model,
  type PublicKey,
  type Route,
  type Settings,
} from '@sluice/core/catalog/store';
import { AUDIT_CHECKPOINT_ITEM, AUDIT_ENTRY_ITEM, AUDIT_HEAD_ITEM } from './audit-items.ts';
import { USER_LIMITS } from './identity-items.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import {
  boolean,
  isObject,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  partialRecord,
  shapeOf,
  text,
} from './shape.ts';

const ratesByDirection = {
  audioInputMicros: optional(number),
  audioOutputMicros: optional(number),
  imageInputMicros: optional(number),
  imageOutputMicros: optional(number),
};

const tier = object({
  aboveInputTokens: number,
  inputMicros: optional(number),
  outputMicros: optional(number),
  cacheReadMicros: optional(number),
  cacheWrite5mMicros: optional(number),
  cacheWrite1hMicros: optional(number),
  reasoningMicros: optional(nullable(number)),
  audioMicros: optional(nullable(number)),
  ...ratesByDirection,
});

const priceFields = {
  version: number,
  inputMicros: number,
  outputMicros: number,
  cacheReadMicros: number,
  cacheWrite5mMicros: number,
  cacheWrite1hMicros: number,
  reasoningMicros: nullable(number),
  audioMicros: nullable(number),
  ...ratesByDirection,
  imageMicros: nullable(number),
  videoSecondMicros: optional(number),
  requestMicros: optional(number),
  webSearchMicros: optional(number),
  tiers: optional(list(tier)),
};
const price = object(priceFields);

const route = object({
  upstream: text,
  model: text,
  priority: number,
  weight: number,
  // Checked when it was written; what a later version adds is kept.
  features: optional(shapeOf((value): value is NonNullable<Route['features']> => isObject(value))),
  price: optional(price),
});

export const MODEL_ITEM = defineItemSchema<Model>({
  type: 'model',
  schema: object({
    name: text,
    class: oneOf(QUOTA_CLASSES),
    routes: list(route),
    price: nullable(price),
    maxOutputTokens: nullable(number),
    createdAt: number,
    updatedAt: number,
  }),
});

export const PRICE_ITEM = defineItemSchema<DatedPrice>({
  type: 'price',
  // Rows from before this was noted have no time.
  schema: object({ ...priceFields, createdAt: optional(number) }),
});

const upstreamTimeouts = object({
  firstByteMs: optional(number),
  firstContentMs: optional(number),
  slowStartMs: optional(number),
  idleMs: optional(number),
});

/** Only what was ever set; the rest has its default. */
export const SETTINGS_ITEM = defineItemSchema<Partial<Settings> & { revision?: number }>({
  type: 'settings',
  schema: object({
    apiDocs: optional(boolean),
    browserOrigins: optional(list(text)),
    allowedUpstreamNetworks: optional(list(text)),
    allowedWebhookNetworks: optional(list(text)),
    upstreamTimeouts: optional(partialRecord(QUOTA_CLASSES, upstreamTimeouts)),
    usageLogDays: optional(number),
    autoRefresh: optional(object({ enabled: boolean, intervalDays: number, recordsAtOnce: optional(number) })),
    credentialChecks: optional(object({ enabled: boolean, intervalMinutes: number })),
    hedging: optional(object({ enabled: boolean, quantile: number, dailyBudgetMicros: number })),
    roleLimits: optional(partialRecord(['user', 'admin', 'super_admin'], USER_LIMITS)),
    trustFactors: optional(list(number)),
    auditDays: optional(number),
    forcedPasswordChange: optional(boolean),
    registration: optional(oneOf(['open', 'closed'])),
    registrationDomains: optional(list(text)),
    emailVerification: optional(oneOf(['required', 'off'])),
    minPasswordLength: optional(number),
    userCredentials: optional(oneOf(['on', 'off'])),
    tokenReveal: optional(oneOf(['on', 'off'])),
    sharingTrustLevel: optional(number),
    sharedQuotaPerCredential: optional(number),
    sharedQuotaRecovery: optional(number),
    sharedModelGroups: optional(list(list(text))),
    imageFormat: optional(oneOf(['url', 'b64_json', 'base64'])),
    imageGenerationMethod: optional(text),
    videoPosterPreview: optional(oneOf(['on', 'off'])),
    /** How often they were changed. */
    revision: optional(number),
  }),
});

export const PUBLIC_KEY_ITEM = defineItemSchema<PublicKey>({
  type: 'publicKey',
  schema: object({ name: oneOf(['vault', 'signing']), version: text, publicKey: text }),
});

export const CATALOG_ITEMS: readonly AnyItemSchema[] = [
  MODEL_ITEM,
  PRICE_ITEM,
  SETTINGS_ITEM,
  PUBLIC_KEY_ITEM,
  AUDIT_ENTRY_ITEM,
  AUDIT_HEAD_ITEM,
  AUDIT_CHECKPOINT_ITEM,
];
