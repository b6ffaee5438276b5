import { beforeEach, describe, expect, test } from '@jest/globals';
import { createMediaStore, MOST_INPUT_BYTES, type MediaDeps } from '../../../layers/core/media/keep-media.ts';
import { namePresigned } from '../../../layers/core/media/media-names.ts';
import { createUploads } from '../../../layers/core/media/uploads.ts';
import { createMemoryMediaIndex, createMemoryObjects, type MemoryObjects } from '../../support/memory-media.ts';

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(500, 7)]);
const CREATED = Date.parse('2026-11-21T15:30:00Z');
const MIDNIGHT = Date.parse('2026-11-21T16:00:00Z');

let objects: MemoryObjects;
let deps: MediaDeps;
let now: number;
let warnings: string[];

beforeEach(() => {
  objects = createMemoryObjects();
  now = CREATED;
  warnings = [];
  deps = {
    objects,
    index: createMemoryMediaIndex(),
    mostBytes: 1_000,
    timeZoneOffsetMinutes: 480,
    clock: () => now,
    logger: { info: () => undefined, warn: (event) => void warnings.push(event), error: () => undefined },
  };
});

const image = (body: AsyncIterable<Uint8Array> | Uint8Array) => ({
  kind: 'image' as const,
  owner: 'usr_1',
  body,
  createdAt: CREATED,
});

async function* inPieces(bytes: Uint8Array, size = 3): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('a medium that is written', () => {
  test.each([
    ['at once', PNG],
    ['as it arrives', null],
  ])('%s, lives until the next local midnight under a name of its own', async (_name, body) => {
    const written = await createMediaStore(deps).write(image(body ?? inPieces(PNG)));
    expect(written).toMatchObject({ bytes: PNG.length, contentType: 'image/png', expiresAt: MIDNIGHT });
    expect(written.path).toMatch(new RegExp(`^/images/${MIDNIGHT / 1_000}/[0-9a-z]{8}[A-Za-z0-9_-]{22}\\.png$`));
    expect(written.url('https://gateway.example')).toBe(`https://gateway.example${written.path}`);
    const kept = objects.kept.get(written.path.slice(1));
    expect(kept?.bytes.equals(PNG)).toBe(true);
    expect(kept?.facts).toEqual({ contentType: 'image/png', cacheControl: 'public, max-age=1800' });
  });

  test('is in the index as its owner', async () => {
    const { path } = await createMediaStore(deps).write(image(PNG));
    expect(await deps.index.listOfOwner('usr_1', { limit: 10, nowMs: now })).toEqual([
      { key: path.slice(1), kind: 'image', owner: 'usr_1', bytes: PNG.length, contentType: 'image/png' },
    ]);
  });

  test('is served all the same when the index cannot be written', async () => {
    deps.index.add = () => Promise.reject(new Error('the table is away'));
    const { path } = await createMediaStore(deps).write(image(PNG));
    expect(objects.kept.has(path.slice(1))).toBe(true);
    expect(warnings).toEqual(['medium_not_indexed']);
  });

  test.each([
    ['a page that calls itself an image', '<html><script>alert(1)</script></html>'],
    ['a drawing with a script', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'],
  ])('is handed out as a download when it is %s', async (_name, text) => {
    const written = await createMediaStore(deps).write({ ...image(Buffer.from(text)), contentType: 'image/png' });
    expect(written.path).toMatch(/\.bin$/);
    expect(objects.kept.get(written.path.slice(1))?.facts).toMatchObject({
      contentType: 'application/octet-stream',
      contentDisposition: 'attachment',
    });
  });

  test('may have as many bytes as one may have, and not one more', async () => {
    const store = createMediaStore(deps);
    const exact = Buffer.concat([PNG, Buffer.alloc(1_000 - PNG.length)]);
    expect((await store.write(image(inPieces(exact, 300)))).bytes).toBe(1_000);
    const over = Buffer.concat([exact, Buffer.alloc(1)]);
    await expect(store.write(image(over))).rejects.toMatchObject({ code: 'file_too_large', status: 413 });
    await expect(store.write(image(inPieces(over, 300)))).rejects.toMatchObject({ code: 'file_too_large' });
    expect(objects.kept.size).toBe(1);
  });

  test('has a byte at least', async () => {
    const store = createMediaStore(deps);
    await expect(store.write(image(Buffer.alloc(0)))).rejects.toMatchObject({ code: 'empty_file' });
    await expect(store.write(image(inPieces(Buffer.alloc(0))))).rejects.toMatchObject({ code: 'empty_file' });
  });
});

test('what was just written can be read again, whatever it is and though midnight has struck', async () => {
  const store = createMediaStore(deps);
  const written = [await store.write(image(PNG)), await store.write(image(Buffer.from('who knows')))];
  now = MIDNIGHT + 1;
  const reopened = await Promise.all(written.map((medium) => store.reopen(medium)));
  expect(reopened.map(({ contentType, bytes }) => [contentType, bytes])).toEqual([
    ['image/png', PNG.length],
    ['application/octet-stream', 9],
  ]);
  await expect(store.reopen({ path: '/images/x', contentType: 'image/png' })).rejects.toMatchObject({
    code: 'upload_not_found',
  });
});

describe('what is uploaded', () => {
  test('has the name that the older contract gives it, and is an input of an edit', async () => {
    const uploads = createUploads(deps);
    const { path } = await uploads.keepImage({ owner: 'usr_1', bytes: PNG, createdAt: CREATED });
    expect(path).toMatch(/^\/images\/upload-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.png$/);
    const opened = await createMediaStore(deps).openUpload(path, 'usr_2');
    expect(opened).toMatchObject({ contentType: 'image/png', bytes: PNG.length });
    expect((await read(opened.body)).equals(PNG)).toBe(true);
  });

  test('is not an image when its bytes are none', async () => {
    const uploads = createUploads(deps);
    const keep = (text: string) => uploads.keepImage({ owner: 'usr_1', bytes: Buffer.from(text), createdAt: CREATED });
    await expect(keep('<svg onload="x()"/>')).rejects.toMatchObject({ code: 'unsupported_file', status: 400 });
    await expect(keep('')).rejects.toMatchObject({ code: 'empty_file' });
    await expect(keep('x'.repeat(1_001))).rejects.toMatchObject({ code: 'file_too_large', status: 413 });
  });

  test('is gone for an edit too, once it has expired', async () => {
    const uploads = createUploads(deps);
    const { path } = await uploads.keepImage({ owner: 'usr_1', bytes: PNG, createdAt: CREATED });
    now = MIDNIGHT - 1;
    await read((await createMediaStore(deps).openUpload(path, 'usr_1')).body);
    now = MIDNIGHT;
    await expect(createMediaStore(deps).openUpload(path, 'usr_1')).rejects.toMatchObject({ code: 'upload_not_found' });
  });

  test('straight into the bucket is only its owner’s, and only once it is there', async () => {
    const { reference, uuid } = await createUploads(deps).announce({
      owner: 'usr_1',
      contentType: 'image/png',
      bytes: PNG.length,
      createdAt: CREATED,
    });
    const store = createMediaStore(deps);
    await expect(store.openUpload(reference, 'usr_1')).rejects.toMatchObject({ code: 'upload_not_found', status: 404 });
    await objects.put(namePresigned(uuid, 'usr_1'), PNG, { contentType: 'image/png', cacheControl: '' });
    expect((await read((await store.openUpload(reference, 'usr_1')).body)).equals(PNG)).toBe(true);
    await expect(store.openUpload(reference, 'usr_2')).rejects.toMatchObject({ code: 'upload_not_found' });
    await expect(store.openUpload('upload://../usr_1/x', 'usr_2')).rejects.toMatchObject({ code: 'upload_not_found' });
    expect(await deps.index.listOfOwner('usr_1', { limit: 9, nowMs: now })).toHaveLength(1);
    now += 86_400_000;
    await expect(store.openUpload(reference, 'usr_1')).rejects.toMatchObject({ code: 'upload_not_found' });
  });

  test('lets go of the object when it is no image', async () => {
    let isOpen = true;
    async function* page(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield Buffer.alloc(100, '<html>');
      } finally {
        isOpen = false;
      }
    }
    objects.open = async () => ({ bytes: 5_000, body: page() });
    const { reference } = await createUploads(deps).announce({
      owner: 'usr_1',
      contentType: 'image/png',
      bytes: null,
      createdAt: CREATED,
    });
    await expect(createMediaStore(deps).openUpload(reference, 'usr_1')).rejects.toMatchObject({
      code: 'unsupported_file',
    });
    expect(isOpen).toBe(false);
  });

  test('straight into the bucket is an image or nothing', async () => {
    const announced = { owner: 'usr_1', contentType: 'image/png', bytes: null, createdAt: CREATED };
    const { reference, uuid } = await createUploads(deps).announce(announced);
    const key = namePresigned(uuid, 'usr_1');
    const facts = { contentType: 'image/png', cacheControl: '' };
    await objects.put(key, Buffer.from('<html>'), facts);
    const open = () => createMediaStore(deps).openUpload(reference, 'usr_1');
    await expect(open()).rejects.toMatchObject({ code: 'unsupported_file' });
    await objects.put(key, Buffer.alloc(0), facts);
    await expect(open()).rejects.toMatchObject({ code: 'empty_file' });
    const tooMany = { ...announced, bytes: MOST_INPUT_BYTES + 1 };
    await expect(createUploads(deps).announce(tooMany)).rejects.toMatchObject({ code: 'file_too_large' });
  });
});
