import { randomBytes } from 'node:crypto';

/*
 * Names of media. Each tells by itself when it expires and when it was made, so that the CDN can refuse it to the
 * second, a list of the bucket is in the order of expiry, and the index finds its row by nothing but the name:
 *
 *   images/<expiry, seconds>/<made at, ms, 8 of base 36><128 random bits, base64url>.<ext>
 *   images/upload-<uuid>.<ext>      as the older contract has it
 *   uploads/<uuid>/<owner>          presigned; never served, only taken as an input
 *
 * A uuid is of version 8 (RFC 9562 §5.8): 32 bits of expiry, 28 of the time before it, 62 random ones.
 */

/** Keys of what the CDN serves; the path is `/` and the key. */
export const SERVED_PREFIX = 'images/';
export const UPLOADS_PREFIX = 'uploads/';

export interface MediumTimes {
  /** Seconds. */
  readonly expiresAt: number;
  /** Milliseconds. */
  readonly createdAt: number;
}

const GENERATED = /^images\/([1-9][0-9]{9})\/([0-9a-z]{8})[A-Za-z0-9_-]{22}\.[a-z0-9]{2,5}$/;
const UUID = '([0-9a-f]{8})-([0-9a-f]{4})-8([0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const UPLOADED = new RegExp(`^images/upload-${UUID}\\.[a-z0-9]{2,5}$`);
const PRESIGNED = new RegExp(`^uploads/${UUID}/[\\w.-]{1,64}$`);

export function nameGenerated({ expiresAt, createdAt }: MediumTimes, extension: string): string {
  const made = Math.floor(createdAt).toString(36).padStart(8, '0');
  return `${SERVED_PREFIX}${expiresAt}/${made}${randomBytes(16).toString('base64url')}.${extension}`;
}

export function nameUploaded(times: MediumTimes, extension: string): string {
  return `${SERVED_PREFIX}upload-${createTimedUuid(times)}.${extension}`;
}

export function namePresigned(uuid: string, owner: string): string {
  return `${UPLOADS_PREFIX}${uuid}/${owner}`;
}

const MOST_BEFORE = 2 ** 28 - 1;

export function createTimedUuid({ expiresAt, createdAt }: MediumTimes): string {
  const before = Math.max(0, Math.min(MOST_BEFORE, expiresAt * 1_000 - Math.floor(createdAt)));
  // Counted down from the longest, so that what was made later sorts later.
  const since = (MOST_BEFORE - before).toString(16).padStart(7, '0');
  const random = randomBytes(8);
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const rest = random.toString('hex');
  const expiry = expiresAt.toString(16).padStart(8, '0');
  return `${expiry}-${since.slice(0, 4)}-8${since.slice(4)}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}

/** What a key tells of itself; null when it is none of ours. */
export function timesOf(key: string): MediumTimes | null {
  const generated = GENERATED.exec(key);
  if (generated) return { expiresAt: Number(generated[1]), createdAt: Number.parseInt(generated[2] ?? '', 36) };
  const [, expiry = '', since = '', sinceRest = ''] = UPLOADED.exec(key) ?? PRESIGNED.exec(key) ?? [];
  if (expiry === '') return null;
  const expiresAt = Number.parseInt(expiry, 16);
  return { expiresAt, createdAt: expiresAt * 1_000 - (MOST_BEFORE - Number.parseInt(since + sinceRest, 16)) };
}
