import { POOL_MARKS, REST_REASONS, type PoolChange, type PoolState } from '@sluice/core/credentials/pool-state';
import * as z from 'zod';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';

const subject = { upstream: z.string(), credentialId: z.string(), model: z.string() };

export const POOL_STATE_ITEM = defineItemSchema<PoolState>({
  type: 'poolState',
  schema: z.object({
    ...subject,
    reason: z.enum(REST_REASONS),
    failures: z.number(),
    since: z.number(),
    until: z.number(),
    ownWord: z.boolean(),
    secretDigest: z.string(),
    probe: z.object({ holder: z.string(), until: z.number() }).nullable(),
    version: z.number(),
  }),
});

export const POOL_CHANGE_ITEM = defineItemSchema<PoolChange>({
  type: 'poolChange',
  schema: z.object({
    ...subject,
    at: z.number(),
    who: z.string(),
    from: z.enum(POOL_MARKS),
    to: z.enum(POOL_MARKS),
    reason: z.string(),
    until: z.number().nullable(),
  }),
});

export const POOL_ITEMS: readonly AnyItemSchema[] = [POOL_STATE_ITEM, POOL_CHANGE_ITEM];
