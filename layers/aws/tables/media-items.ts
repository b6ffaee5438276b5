import type { IndexedMedium, MediaTotals } from '@sluice/core/media/media-index';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { number, object, oneOf, text } from './shape.ts';

const KINDS = ['image', 'video', 'upload'] as const;

export const MEDIUM_ITEM = defineItemSchema<IndexedMedium>({
  type: 'medium',
  schema: object({ key: text, kind: oneOf(KINDS), owner: text, bytes: number, contentType: text }),
});

export const MEDIA_TOTALS_ITEM = defineItemSchema<MediaTotals>({
  type: 'mediaTotals',
  schema: object({ count: number, bytes: number }),
});

export const MEDIA_ITEMS: readonly AnyItemSchema[] = [MEDIUM_ITEM, MEDIA_TOTALS_ITEM];
