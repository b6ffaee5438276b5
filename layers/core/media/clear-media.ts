import { mapLimited } from '@sluice/kit/async/map-limited';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Clock } from '@sluice/kit/time/clock';
import type { IndexedMedium, MediaIndex } from './media-index.ts';
import type { MediaObjects } from './media-objects.ts';

export interface ClearDeps {
  objects: Pick<MediaObjects, 'delete'>;
  index: MediaIndex;
  clock: Clock;
}

const BATCH = 200;
/** As the older contract has it: who has more calls again. */
const MOST_BATCHES = 20;
const ROWS_AT_ONCE = 20;

/** Deletes the media of one kind, newest first. */
export function clearKind(
  deps: ClearDeps,
  kind: IndexedMedium['kind'],
): Promise<{ deleted: number; bytes: number; hasMore: boolean }> {
  return clear(deps, async () => {
    const page = await deps.index.list(kind, { limit: BATCH, after: null, nowMs: deps.clock() });
    return page.items;
  });
}

/** Deletes all media of one owner, presigned uploads too. */
export function clearOwner(
  deps: ClearDeps,
  owner: string,
): Promise<{ deleted: number; bytes: number; hasMore: boolean }> {
  return clear(deps, () => deps.index.listOfOwner(owner, { limit: BATCH, nowMs: deps.clock() }));
}

/** @returns what was deleted; null when it was not there. @throws GatewayError `store_unavailable` */
export async function clearMedium(
  deps: ClearDeps,
  kind: IndexedMedium['kind'],
  key: string,
): Promise<IndexedMedium | null> {
  const medium = await deps.index.find(kind, key);
  if (medium === null) return null;
  await deleteMedia(deps, [medium]);
  return medium;
}

async function clear(
  deps: ClearDeps,
  next: () => Promise<IndexedMedium[]>,
): Promise<{ deleted: number; bytes: number; hasMore: boolean }> {
  const cleared = { deleted: 0, bytes: 0 };
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const media = await next();
    if (media.length === 0) return { ...cleared, hasMore: false };
    await deleteMedia(deps, media);
    cleared.deleted += media.length;
    cleared.bytes += media.reduce((sum, { bytes }) => sum + bytes, 0);
    if (media.length < BATCH) return { ...cleared, hasMore: false };
  }
  return { ...cleared, hasMore: true };
}

/** The bytes first: a row without bytes is harmless, bytes without a row are not found again. */
async function deleteMedia({ objects, index }: ClearDeps, media: readonly IndexedMedium[]): Promise<void> {
  const failed = await objects.delete(media.map(({ key }) => key));
  if (failed.length > 0) {
    throw new GatewayError('store_unavailable', {
      message: 'Some of the media could not be deleted. Please try again.',
      internal: `not deleted: ${failed.slice(0, 3).join(', ')} and ${failed.length} in all`,
    });
  }
  await mapLimited(media, ROWS_AT_ONCE, (medium) => index.remove(medium));
}
