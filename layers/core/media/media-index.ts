import type { MediaKind } from './media-store.ts';

/** What the index knows of a medium; everything else its name tells (`media-names.ts`). */
export interface IndexedMedium {
  readonly key: string;
  /** `upload`: presigned, an input that is not served. */
  readonly kind: MediaKind | 'upload';
  readonly owner: string;
  readonly bytes: number;
  readonly contentType: string;
}

export interface MediaTotals {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Which media there are. Reads leave out what has expired; rows of expired media are garbage that the table collects
 * by itself.
 */
export interface MediaIndex {
  add(medium: IndexedMedium): Promise<void>;
  find(kind: IndexedMedium['kind'], key: string): Promise<IndexedMedium | null>;
  /** False when it was not there. */
  remove(medium: IndexedMedium): Promise<boolean>;
  /** By expiry and then by making, newest first, from behind `after`. */
  list(
    kind: IndexedMedium['kind'],
    page: { limit: number; after: string | null; nowMs: number },
  ): Promise<{ items: IndexedMedium[]; hasMore: boolean }>;
  /** All of one owner, `limit` at most. */
  listOfOwner(owner: string, page: { limit: number; nowMs: number }): Promise<IndexedMedium[]>;
  /** Kept counters: what is there now. */
  readTotals(kind: IndexedMedium['kind'], nowMs: number): Promise<MediaTotals>;
}
