import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import { nextLocalMidnight } from '@sluice/kit/time/local-day';
import type { MediaIndex } from './media-index.ts';
import { nameGenerated, namePresigned, timesOf, type MediumTimes } from './media-names.ts';
import type { MediaObjects } from './media-objects.ts';
import type { MediaInput, MediaStore, OpenedMedium, StoredMedium } from './media-store.ts';
import { peekBody } from './peek-body.ts';
import { sniffMedia, SNIFFED_BYTES, type SniffedType } from './sniff.ts';

export interface MediaDeps {
  objects: MediaObjects;
  index: MediaIndex;
  /** Of one medium that is kept for serving (`KV_CACHE_MAX_BYTES`). */
  mostBytes: number;
  /** Minutes east of UTC that days follow. */
  timeZoneOffsetMinutes: number;
  clock: Clock;
  logger: Logger;
}

/** Of one image that is an input: what the older contract lets an edit take. */
export const MOST_INPUT_BYTES = 50 * 1024 * 1024;

/** Unknown bytes are kept, since somebody paid for them, and handed out as a download. */
const UNKNOWN = { contentType: 'application/octet-stream', extension: 'bin' } as const;

export function createMediaStore(deps: MediaDeps): MediaStore {
  return {
    write: (input) => keep(deps, input, nameGenerated),
    openUpload: (reference, owner) => openUpload(deps, reference, owner),
    async reopen({ path, contentType }) {
      const opened = await deps.objects.open(path.slice(1));
      if (opened === null) throw notThere(path);
      return { ...opened, contentType };
    },
  };
}

/** @param nameOf how the medium is called, once it is known what it is */
export async function keep(
  deps: MediaDeps,
  { kind, owner, body, createdAt }: MediaInput,
  nameOf: (times: MediumTimes, extension: string) => string,
): Promise<StoredMedium> {
  const { head, whole } = await peekBody(body, SNIFFED_BYTES);
  if (head.length === 0) throw new GatewayError('empty_file', { message: 'The file is empty.' });
  const sniffed = sniffMedia(head);
  const { contentType, extension } = sniffed ?? UNKNOWN;
  const expiresAtMs = nextLocalMidnight(createdAt, deps.timeZoneOffsetMinutes);
  const key = nameOf({ expiresAt: expiresAtMs / 1_000, createdAt }, extension);
  const bytes = await deps.objects.put(key, capped(whole, deps.mostBytes), {
    contentType,
    // Of the CDN's copy; the CDN tells its viewers what is left of it then.
    cacheControl: `public, max-age=${Math.max(0, Math.floor((expiresAtMs - createdAt) / 1_000))}`,
    ...(sniffed === null && { contentDisposition: 'attachment' }),
  });
  await noteInIndex(deps, { key, kind, owner, bytes, contentType });
  const path = `/${key}`;
  return { path, url: (origin) => `${origin}${path}`, bytes, contentType, expiresAt: expiresAtMs };
}

/** Without its row a medium is served and expires all the same; it is only not listed. */
async function noteInIndex({ index, logger }: MediaDeps, medium: Parameters<MediaIndex['add']>[0]): Promise<void> {
  try {
    await index.add(medium);
  } catch (error) {
    logger.warn('medium_not_indexed', { key: medium.key, internal: String(error) });
  }
}

function capped(
  body: AsyncIterable<Uint8Array> | Uint8Array,
  mostBytes: number,
): AsyncIterable<Uint8Array> | Uint8Array {
  if (!(body instanceof Uint8Array)) return cap(body, mostBytes);
  if (body.length > mostBytes) throw tooLarge(mostBytes);
  return body;
}

async function* cap(body: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge(mostBytes);
    yield chunk;
  }
}

export function tooLarge(mostBytes: number): GatewayError {
  const size = mostBytes % 1024 === 0 ? `${mostBytes / 1024 / 1024} MiB` : `${mostBytes} bytes`;
  return new GatewayError('file_too_large', { message: `The file is too large: at most ${size}.` });
}

async function openUpload(deps: MediaDeps, reference: string, owner: string): Promise<OpenedMedium> {
  const key = keyOf(reference, owner);
  const times = timesOf(key);
  if (times === null || times.expiresAt * 1_000 <= deps.clock()) throw notThere(reference);
  const opened = await deps.objects.open(key);
  if (opened === null) throw notThere(reference);
  const { head, whole } = await peekBody(opened.body, SNIFFED_BYTES);
  const sniffed = sniffMedia(head);
  const refusal = refusalOf(opened.bytes, sniffed, reference);
  if (sniffed === null || refusal) {
    // Nothing more is read of it.
    await (whole as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().return?.();
    throw refusal ?? notThere(reference);
  }
  return { contentType: sniffed.contentType, bytes: opened.bytes, body: whole as AsyncIterable<Uint8Array> };
}

function keyOf(reference: string, owner: string): string {
  return reference.startsWith('upload://')
    ? namePresigned(reference.slice('upload://'.length), owner)
    : reference.slice(1);
}

function refusalOf(bytes: number, sniffed: SniffedType | null, reference: string): GatewayError | null {
  if (bytes > MOST_INPUT_BYTES) return tooLarge(MOST_INPUT_BYTES);
  if (bytes === 0) return new GatewayError('empty_file', { message: `${reference} is empty.` });
  if (sniffed?.kind === 'image') return null;
  return new GatewayError('unsupported_file', { message: `${reference} is not an image of a kind that is taken.` });
}

function notThere(reference: string): GatewayError {
  return new GatewayError('upload_not_found', {
    message: `${reference.slice(0, 200)} is not there: it has expired, was never uploaded, or is somebody else's.`,
  });
}
