import {
  CHANGE_SOURCES,
  POOL_MARKS,
  REST_REASONS,
  type PoolChange,
  type PoolState,
} from '@sluice/core/credentials/pool-state';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, nullable, number, object, oneOf, optional, text } from './shape.ts';

const subject = { upstream: text, credentialId: text, model: text };

export const POOL_STATE_ITEM = defineItemSchema<PoolState>({
  type: 'poolState',
  schema: object({
    ...subject,
    reason: oneOf(REST_REASONS),
    failures: number,
    since: number,
    until: number,
    ownWord: boolean,
    secretDigest: text,
    probe: nullable(object({ holder: text, until: number })),
    version: number,
  }),
});

export const POOL_CHANGE_ITEM = defineItemSchema<PoolChange>({
  type: 'poolChange',
  schema: object({
    ...subject,
    at: number,
    by: optional(oneOf(CHANGE_SOURCES)),
    who: text,
    from: oneOf(POOL_MARKS),
    to: oneOf(POOL_MARKS),
    reason: text,
    until: nullable(number),
  }),
});

export const POOL_ITEMS: readonly AnyItemSchema[] = [POOL_STATE_ITEM, POOL_CHANGE_ITEM];
