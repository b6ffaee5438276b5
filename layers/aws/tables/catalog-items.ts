import {
  QUOTA_CLASSES,
  type Model,
  type Price,
  type PublicKey,
  type Route,
  type Settings,
} from '@sluice/core/catalog/store';
import * as z from 'zod';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';

const price = z.object({
  version: z.number(),
  inputMicros: z.number(),
  outputMicros: z.number(),
  cacheReadMicros: z.number(),
  cacheWrite5mMicros: z.number(),
  cacheWrite1hMicros: z.number(),
  reasoningMicros: z.number().nullable(),
  audioMicros: z.number().nullable(),
  imageMicros: z.number().nullable(),
});

const route = z.object({
  upstream: z.string(),
  model: z.string(),
  priority: z.number(),
  weight: z.number(),
  // Checked when it was written; what a later version adds is kept.
  features: z.custom<Route['features']>((value) => typeof value === 'object' && value !== null).optional(),
});

export const MODEL_ITEM = defineItemSchema<Model>({
  type: 'model',
  schema: z.object({
    name: z.string(),
    class: z.enum(QUOTA_CLASSES),
    routes: z.array(route),
    price: price.nullable(),
    maxOutputTokens: z.number().nullable(),
    createdAt: z.number(),
    updatedAt: z.number(),
  }),
});

export const PRICE_ITEM = defineItemSchema<Price>({ type: 'price', schema: price });

const upstreamTimeouts = z.object({
  firstByteMs: z.number().optional(),
  firstContentMs: z.number().optional(),
  slowStartMs: z.number().optional(),
  idleMs: z.number().optional(),
});

/** Only what was ever set; the rest has its default. */
export const SETTINGS_ITEM = defineItemSchema<Partial<Settings>>({
  type: 'settings',
  schema: z.object({
    apiDocs: z.boolean().optional(),
    browserOrigins: z.array(z.string()).optional(),
    allowedUpstreamNetworks: z.array(z.string()).optional(),
    upstreamTimeouts: z.partialRecord(z.enum(QUOTA_CLASSES), upstreamTimeouts).optional(),
    usageLogDays: z.number().optional(),
  }),
});

export const PUBLIC_KEY_ITEM = defineItemSchema<PublicKey>({
  type: 'publicKey',
  schema: z.object({ name: z.enum(['vault', 'signing']), version: z.string(), publicKey: z.string() }),
});

export const CATALOG_ITEMS: readonly AnyItemSchema[] = [MODEL_ITEM, PRICE_ITEM, SETTINGS_ITEM, PUBLIC_KEY_ITEM];
