import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { number, object } from './shape.ts';

/** How many tries one window has seen. */
export const THROTTLE_ITEM = defineItemSchema({ type: 'throttle', schema: object({ tries: number }) });

/** Something that is known until then, in milliseconds since the epoch. */
export const REMEMBERED_ITEM = defineItemSchema({ type: 'remembered', schema: object({ until: number }) });

export const THROTTLE_ITEMS: readonly AnyItemSchema[] = [THROTTLE_ITEM, REMEMBERED_ITEM];
