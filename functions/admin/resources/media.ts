import type { MediaClearInput, MediaItemInput, MediaListQuery } from '@sluice/contract/media';
import { clearKind, clearMedium, clearOwner, type ClearDeps } from '@sluice/core/media/clear-media';
import type { IndexedMedium, MediaTotals } from '@sluice/core/media/media-index';
import { SERVED_PREFIX, timesOf, UPLOADS_PREFIX } from '@sluice/core/media/media-names';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { notFound } from '../refusal.ts';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type None = Record<string, never>;
type Kind = IndexedMedium['kind'];

/** What is kept now, by kind, in the older contract's words. */
export async function readMediaSizes(services: AdminServices) {
  const now = services.clock();
  const [image, video] = await Promise.all([
    services.mediaIndex.readTotals('image', now),
    services.mediaIndex.readTotals('video', now),
  ]);
  return { local_image: viewTotals(image), local_video: viewTotals(video) };
}

export async function showMediaTotals(services: AdminServices): Promise<Answer> {
  const [sizes, upload] = await Promise.all([
    readMediaSizes(services),
    services.mediaIndex.readTotals('upload', services.clock()),
  ]);
  return { json: { success: true, ...sizes, local_upload: viewTotals(upload), online: null } };
}

function viewTotals({ count, bytes }: MediaTotals) {
  return { count, bytes, size_mb: Math.round((bytes / 1024 / 1024) * 100) / 100 };
}

const ROWS_AT_ONCE = 1_000;

/** Newest first. A page far behind reads what stands before it; a cursor does not. */
export async function listMedia(
  services: AdminServices,
  { query }: Call<undefined, MediaListQuery, Caller>,
): Promise<Answer> {
  const { type, page_size: pageSize } = query;
  const page = query.cursor === undefined ? query.page : 1;
  const start = query.cursor === undefined ? null : keyOf(type, query.cursor);
  if (start !== null && timesOf(start) === null) {
    throw new GatewayError('invalid_field', { message: 'The cursor is not one of this list.', param: 'cursor' });
  }
  const [before, totals] = await Promise.all([
    readRows(services, type, { after: start, limit: (page - 1) * pageSize }),
    services.mediaIndex.readTotals(type, services.clock()),
  ]);
  const found =
    page > 1 && !before.hasMore
      ? { items: [], hasMore: false }
      : await readRows(services, type, { after: before.items.at(-1)?.key ?? start, limit: pageSize });
  const last = found.items.at(-1);
  return {
    json: {
      success: true,
      total: totals.count,
      page,
      page_size: pageSize,
      items: found.items.map(viewMedium),
      next_cursor: found.hasMore && last ? nameOf(last) : null,
    },
  };
}

async function readRows(
  { mediaIndex, clock }: AdminServices,
  kind: Kind,
  wanted: { after: string | null; limit: number },
): Promise<{ items: IndexedMedium[]; hasMore: boolean }> {
  const items: IndexedMedium[] = [];
  let { after } = wanted;
  while (items.length < wanted.limit) {
    const limit = Math.min(ROWS_AT_ONCE, wanted.limit - items.length);
    const page = await mediaIndex.list(kind, { limit, after, nowMs: clock() });
    items.push(...page.items);
    if (!page.hasMore) return { items, hasMore: false };
    after = page.items.at(-1)?.key ?? null;
  }
  return { items, hasMore: true };
}

function viewMedium(medium: IndexedMedium) {
  const times = timesOf(medium.key);
  const url = medium.kind === 'upload' ? null : `/${medium.key}`;
  return {
    name: nameOf(medium),
    size_bytes: medium.bytes,
    mtime_ms: times?.createdAt ?? 0,
    preview_url: medium.kind === 'image' ? url : null,
    url,
    content_type: medium.contentType,
    owner: medium.owner,
    expires_at_ms: (times?.expiresAt ?? 0) * 1_000,
  };
}

const prefixOf = (kind: Kind): string => (kind === 'upload' ? UPLOADS_PREFIX : SERVED_PREFIX);

function nameOf({ kind, key }: IndexedMedium): string {
  return key.slice(prefixOf(kind).length);
}

function keyOf(kind: Kind, name: string): string {
  return `${prefixOf(kind)}${name}`;
}

export async function clearMedia(
  services: AdminServices,
  { body }: Call<MediaClearInput, None, Caller>,
): Promise<Answer> {
  const { deleted, bytes, hasMore } = await clearKind(clearDeps(services), body.type);
  return { json: { success: true, deleted, bytes, has_more: hasMore } };
}

export async function deleteMedium(
  services: AdminServices,
  { body }: Call<MediaItemInput, None, Caller>,
): Promise<Answer> {
  const medium = await clearMedium(clearDeps(services), body.type, keyOf(body.type, body.name));
  if (medium === null) throw notFound(`${body.type} of this name`);
  return { json: { success: true, deleted: 1, bytes: medium.bytes, has_more: false } };
}

export async function clearOnline(): Promise<Answer> {
  throw new GatewayError('not_implemented', {
    message: 'There is nothing to clear: vendors keep no media for this gateway.',
  });
}

/** What is left after so many rounds goes at midnight. */
const MOST_ROUNDS = 5;

/** Deletes the media of a user who is gone. Never fails: what cannot be deleted expires by itself. */
export async function clearMediaOf(services: AdminServices, userId: string): Promise<void> {
  try {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      if (!(await clearOwner(clearDeps(services), userId)).hasMore) return;
    }
    services.log.warn('media_left', { user_id: userId });
  } catch (error) {
    services.log.warn('media_left', { user_id: userId, internal: String(error) });
  }
}

function clearDeps({ mediaObjects, mediaIndex, clock }: AdminServices): ClearDeps {
  return { objects: mediaObjects, index: mediaIndex, clock };
}
