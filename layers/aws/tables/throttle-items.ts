import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { number, object } from './shape.ts';

/** How many tries one window has seen. */
export const THROTTLE_ITEM = defineItemSchema({ type: 'throttle', schema: object({ tries: number }) });

export const THROTTLE_ITEMS: readonly AnyItemSchema[] = [THROTTLE_ITEM];
