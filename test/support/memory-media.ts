import { createMediaStore, type MediaDeps } from '../../layers/core/media/keep-media.ts';
import type { IndexedMedium, MediaIndex } from '../../layers/core/media/media-index.ts';
import { timesOf } from '../../layers/core/media/media-names.ts';
import type { MediaObjects, ObjectFacts } from '../../layers/core/media/media-objects.ts';
import type { MediaStore } from '../../layers/core/media/media-store.ts';
import { createUploads, type Uploads } from '../../layers/core/media/uploads.ts';

export interface MemoryObjects extends MediaObjects {
  readonly kept: Map<string, { bytes: Buffer; facts: ObjectFacts }>;
}

/** A media bucket in memory. */
export function createMemoryObjects(): MemoryObjects {
  const kept: MemoryObjects['kept'] = new Map();
  return {
    kept,
    async put(key, body, facts) {
      const chunks: Uint8Array[] = [];
      if (body instanceof Uint8Array) chunks.push(body);
      else for await (const chunk of body) chunks.push(Buffer.from(chunk));
      const bytes = Buffer.concat(chunks);
      kept.set(key, { bytes, facts });
      return bytes.length;
    },
    async open(key) {
      const found = kept.get(key);
      return found ? { bytes: found.bytes.length, body: inPieces(found.bytes) } : null;
    },
    async delete(keys) {
      for (const key of keys) kept.delete(key);
      return [];
    },
    list: async (prefix, after) =>
      [...kept.entries()]
        .filter(([key]) => key.startsWith(prefix) && (after === null || key > after))
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .slice(0, 1_000)
        .map(([key, { bytes }]) => ({ key, bytes: bytes.length })),
    createTicket: ({ key, bytes, contentType }) => ({
      put: bytes === null ? null : { url: `http://bucket.test/${key}`, headers: { 'content-type': contentType } },
      form: { url: 'http://bucket.test/', fields: { key } },
    }),
  };
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}

/** An index of media in memory. */
export function createMemoryMediaIndex(): MediaIndex {
  const rows = new Map<string, IndexedMedium>();
  const isAlive = (nowMs: number) => (medium: IndexedMedium) => (timesOf(medium.key)?.expiresAt ?? 0) * 1_000 > nowMs;
  const orderOf = ({ key }: IndexedMedium): string => {
    const times = timesOf(key);
    return `${times?.expiresAt}#${String(times?.createdAt).padStart(13, '0')}#${key}`;
  };
  const newest = (kind: IndexedMedium['kind'], nowMs: number): IndexedMedium[] =>
    [...rows.values()]
      .filter((medium) => medium.kind === kind)
      .filter(isAlive(nowMs))
      .toSorted((left, right) => (orderOf(left) < orderOf(right) ? 1 : -1));
  return {
    async add(medium) {
      rows.set(medium.key, medium);
    },
    async find(kind, key) {
      const found = rows.get(key);
      return found?.kind === kind ? found : null;
    },
    remove: async ({ key }) => rows.delete(key),
    async list(kind, { limit, after, nowMs }) {
      const all = newest(kind, nowMs);
      const from = after === null ? 0 : all.findIndex(({ key }) => key === after) + 1;
      return { items: all.slice(from, from + limit), hasMore: all.length > from + limit };
    },
    listOfOwner: async (owner, { limit, nowMs }) =>
      [...rows.values()]
        .filter((medium) => medium.owner === owner)
        .filter(isAlive(nowMs))
        .slice(0, limit),
    async readTotals(kind, nowMs) {
      const all = newest(kind, nowMs);
      return { count: all.length, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
    },
  };
}

type MemoryMediaDeps = Partial<Omit<MediaDeps, 'objects'>> & { objects?: MemoryObjects };

/** The media of one gateway, in memory. */
export function createMemoryMedia(deps: MemoryMediaDeps = {}): {
  media: MediaStore;
  uploads: Uploads;
  objects: MemoryObjects;
  index: MediaIndex;
} {
  const silent = (): void => undefined;
  const { objects = createMemoryObjects(), ...rest } = deps;
  const all: MediaDeps = {
    objects,
    index: createMemoryMediaIndex(),
    mostBytes: 25 * 1024 * 1024,
    timeZoneOffsetMinutes: 480,
    clock: Date.now,
    logger: { info: silent, warn: silent, error: silent },
    ...rest,
  };
  return { media: createMediaStore(all), uploads: createUploads(all), objects, index: all.index };
}
