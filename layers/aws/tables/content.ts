import type { AnyItemSchema } from './item-schema.ts';

/*
 * Conversations, stored responses, idempotency results, the media index and media jobs.
 *
 * question  index  key condition  consistency  who asks
 *
 * The list is empty: nothing is stored here yet, and each of these brings its questions along.
 */

export const CONTENT_ITEMS: readonly AnyItemSchema[] = [];
