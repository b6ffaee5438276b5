import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { number, object } from './shape.ts';

/** Its key says the rest: the kind and the time. */
export const INCIDENT_ITEM = defineItemSchema<{ count: number }>({
  type: 'incident',
  schema: object({ count: number }),
});

export const INCIDENT_ITEMS: readonly AnyItemSchema[] = [INCIDENT_ITEM];
