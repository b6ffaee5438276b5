import { request as httpRequest } from 'node:http';
import { randomBytes } from 'node:crypto';
import { deflateSync, crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createBucketClient } from '../../infra/local/bucket-client.ts';
import { createTimedUuid, nameGenerated, namePresigned, timesOf } from '../../layers/core/media/media-names.ts';
import { adminClient, postJson, type AdminClient } from '../support/gateway.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** A stack of its own, whose clock these tests move to the local midnight and beyond; in this order. */
const dataDirectory = temporaryDirectory('media-cache');
const MIDNIGHT = '2026-11-21T16:00:00Z';
let stack: Stack;
let admin: AdminClient;

beforeAll(async () => {
  const args = ['--clock', '2026-11-21T15:00:00Z'];
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, args });
  admin = await adminClient(stack.ready);
}, 180_000);

afterAll(async () => {
  await stack?.stop();
  removeDirectory(dataDirectory);
}, 60_000);

/** A real picture of noise, of at least so many bytes. */
function aPng(bytes = 100): Buffer {
  const side = Math.max(4, Math.ceil(Math.sqrt(bytes / 3)));
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const rows = Array.from({ length: side }, () => Buffer.concat([Buffer.alloc(1), randomBytes(side * 3)]));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

interface Upload {
  url: string;
  name: string;
  size_bytes: number;
}

async function upload(bytes: Buffer, type = 'image/png', key = stack.ready.apiKey): Promise<Response> {
  const body = new FormData();
  body.append('file', new Blob([new Uint8Array(bytes)], { type }), 'picture.png');
  const headers = { authorization: `Bearer ${key}` };
  return fetch(`${stack.ready.url}/v1/uploads/image`, { method: 'POST', headers, body });
}

async function uploaded(bytes: Buffer, key?: string): Promise<Upload> {
  const answer = await upload(bytes, 'image/png', key);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Upload;
}

/** As it is written, without the tidying up of `fetch`. */
function rawGet(path: string, method = 'GET'): Promise<{ status: number; text: string; type: string }> {
  const { hostname, port } = new URL(stack.ready.url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, path, method }, (answer) => {
      let text = '';
      answer.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text, type: answer.headers['content-type'] ?? '' }),
      );
    });
    sent.on('error', reject).end();
  });
}

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${stack.ready.url}${path}`, { method, headers });

describe('an image that was uploaded', () => {
  const bytes = aPng(2_000);
  let image: Upload;
  beforeAll(async () => {
    image = await uploaded(bytes);
  });

  test('has the address of the older contract and is served as what it is', async () => {
    expect(image).toMatchObject({ name: image.url.slice('/images/'.length), size_bytes: bytes.length });
    expect(image.url).toMatch(/^\/images\/upload-[0-9a-f-]{36}\.png$/);
    const answer = await get(image.url);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    });
    const age = Number(/^public, max-age=(\d+)$/.exec(headers['cache-control'] ?? '')?.[1]);
    const left = (Date.parse(MIDNIGHT) - Date.parse('2026-11-21T15:00:00Z')) / 1_000;
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThanOrEqual(left);
  });

  test.each([
    ['bytes=0-9', 206, 'bytes 0-9/', 10],
    ['bytes=-5', 206, 'bytes ', 5],
    ['bytes=5-', 206, 'bytes 5-', null],
    ['bytes=999999-', 416, 'bytes */', null],
    ['bytes=-0', 416, 'bytes */', null],
    ['bytes=0-1,3-4', 200, null, null],
    ['lines=1-2', 200, null, null],
  ])('answers the range %s with %d', async (range, status, contentRange, length) => {
    const answer = await get(image.url, { range });
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(status);
    if (contentRange === null) expect(answer.headers.has('content-range')).toBe(false);
    else expect(answer.headers.get('content-range')).toMatch(new RegExp(`^${contentRange.replace('*', '\\*')}`));
    if (status === 206) {
      const [from, to] =
        /(\d+)-(\d+)/
          .exec(answer.headers.get('content-range') ?? '')
          ?.slice(1)
          .map(Number) ?? [];
      expect(body.equals(bytes.subarray(from, (to ?? 0) + 1))).toBe(true);
      if (length !== null) expect(body).toHaveLength(length);
    }
    if (status === 200) expect(body.equals(bytes)).toBe(true);
  });

  test('answers HEAD and conditional requests', async () => {
    const head = await get(image.url, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(bytes.length),
      '',
    ]);
    const etag = head.headers.get('etag') ?? '';
    const unchanged = await get(image.url, { 'if-none-match': etag });
    expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
    const date = head.headers.get('last-modified') ?? '';
    expect((await get(image.url, { 'if-modified-since': date })).status).toBe(304);
    expect((await get(image.url, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('is found under the older paths', async () => {
    const answer = await fetch(`${stack.ready.url}/v1/files/image/${image.name}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, image.url]);
  });

  test('is reached by no other address, and nothing else is', async () => {
    const { name, url } = image;
    const tricks = [
      `/images/./${name}`,
      `/images/../images/${name}`,
      `/images/%2e%2e/images/${name}`,
      `/images/..%2fimages%2f${name}`,
      `/images//${name}`,
      `/images%2f${name}`,
      `/images/${name}/`,
      `/images/${name}%00`,
      `/images/${name.replace('.png', '.html')}`,
      `/images/${name.replace('upload-', '%75pload-')}`,
      `/images/https://example.com/${name}`,
      `/images/u_${Buffer.from('https://example.com/a.png').toString('base64url')}`,
      `/images/../uploads/${name}`,
      '/images/..%2f..%2fetc%2fpasswd',
      '/images/../../ready.json',
      '/images/',
      '/images',
    ];
    for (const path of tricks) {
      const answer = await rawGet(path);
      // A path that is no medium's is a page of the console, or nothing.
      const isPage = answer.status === 200 && answer.text.includes('<!doctype html>');
      expect([path, isPage || answer.status >= 400]).toEqual([path, true]);
      expect(answer.text.startsWith('\x89PNG')).toBe(false);
    }
    expect((await rawGet(url, 'DELETE')).status).toBe(403);
    expect((await rawGet(url)).status).toBe(200);
  });

  test.each([
    ['text/html', '<html><script>alert(1)</script>', 'unsupported_file'],
    ['image/png', '<html><script>alert(1)</script>', 'unsupported_file'],
    ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'unsupported_file'],
    ['image/png', '', 'empty_file'],
  ])('is not a file of type %s with %j', async (type, text, code) => {
    const answer = await upload(Buffer.from(text), type);
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.objectContaining({ code }) }]);
  });

  test('comes in a form, by somebody with a key', async () => {
    const answer = await postJson(
      `${stack.ready.url}/v1/uploads/image`,
      {},
      { authorization: `Bearer ${stack.ready.apiKey}` },
    );
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'missing_file' } } });
    expect((await upload(bytes, 'image/png', 'sk-nobody')).status).toBe(401);
  });
});

describe('an image that is too large for a request', () => {
  const announce = (body: object) =>
    postJson(`${stack.ready.url}/v1/uploads`, body, { authorization: `Bearer ${stack.ready.apiKey}` });

  test('is refused as JSON that names the way', async () => {
    const answer = await postJson(`${stack.ready.url}/v1/images/edits`, { image: 'x'.repeat(7 * 1024 * 1024) });
    expect(answer).toMatchObject({
      status: 413,
      body: { error: { code: 'body_too_large', message: expect.stringContaining('/v1/uploads') } },
    });
  });

  test('goes straight into the bucket, exactly as announced', async () => {
    const bytes = aPng(20 * 1024 * 1024);
    const { status, body } = await announce({ filename: 'a.png', bytes: bytes.length, mime_type: 'image/png' });
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        object: 'upload',
        status: 'pending',
        method: 'PUT',
        reference: expect.stringMatching(/^upload:\/\/[0-9a-f-]{36}$/),
      }),
    ]);
    const { 'content-length': _length, ...headers } = body['headers'] as Record<string, string>;
    const put = (sent: Buffer) => fetch(String(body['url']), { method: 'PUT', headers, body: new Uint8Array(sent) });
    expect((await put(bytes.subarray(1))).status).toBe(403);
    expect((await put(bytes)).status).toBe(200);
    // What is in the bucket is signed for, and served by nobody.
    const { origin, pathname } = new URL(String(body['url']));
    expect((await fetch(origin + pathname)).status).toBe(403);
    expect((await rawGet(`/${pathname.split('/').slice(2).join('/')}`)).text).not.toContain('PNG');
    const edited = await postJson(
      `${stack.ready.url}/v1/images/edits`,
      { model: 'sandbox-image', prompt: 'the same at night', image: body['reference'], response_format: 'url' },
      { authorization: `Bearer ${stack.ready.apiKey}` },
    );
    expect(edited.status).toBe(200);
    const [{ url }] = edited.body['data'] as [{ url: string }];
    expect(url.startsWith(`${stack.ready.url}/images/`)).toBe(true);
    const shown = await fetch(url);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);
    const foreign = await postJson(
      `${stack.ready.url}/v1/images/edits`,
      { model: 'sandbox-image', prompt: 'x', image: 'upload://00000000-0000-8000-8000-000000000000' },
      { authorization: `Bearer ${stack.ready.apiKey}` },
    );
    expect(foreign).toMatchObject({ status: 404, body: { error: { code: 'upload_not_found' } } });
  }, 60_000);

  test('or by a form, within its bounds', async () => {
    const { body } = await announce({ filename: 'a.png' });
    expect(body).toMatchObject({ method: 'POST', bytes: null });
    const form = new FormData();
    for (const [name, value] of Object.entries(body['fields'] as Record<string, string>)) form.set(name, value);
    form.append('file', new Blob([new Uint8Array(aPng())]));
    expect((await fetch(String(body['url']), { method: 'POST', body: form })).status).toBe(204);
    expect(await announce({ bytes: 51 * 1024 * 1024 })).toMatchObject({
      status: 413,
      body: { error: { code: 'file_too_large' } },
    });
    expect(await announce({ bytes: 'many' })).toMatchObject({ status: 400, body: { error: { param: 'bytes' } } });
    expect(await announce({ mime_type: 'text/html' })).toMatchObject({ status: 400 });
  });
});

describe('an administrator', () => {
  interface Listed {
    items: { name: string; size_bytes: number; preview_url: string | null; mtime_ms: number }[];
    total: number;
    next_cursor: string | null;
  }
  const list = async (query: string): Promise<Listed> =>
    (await admin.call('GET', `/api/v1/admin/cache/list?${query}`)).body as unknown as Listed;

  test('sees what is kept, by pages, and takes one away', async () => {
    const media = [await uploaded(aPng(300)), await uploaded(aPng(400)), await uploaded(aPng(500))];
    const all = await list('type=image');
    expect(all.total).toBe(all.items.length);
    expect(all.items.slice(0, 3).map(({ name }) => name)).toEqual(media.map(({ name }) => name).toReversed());
    expect(all.items[0]).toMatchObject({ preview_url: media[2]?.url, size_bytes: media[2]?.size_bytes });
    const second = await list('type=image&page=2&page_size=1');
    expect(second.items.map(({ name }) => name)).toEqual([media[1]?.name]);
    const third = await list(`type=image&page_size=1&cursor=${second.next_cursor}`);
    expect(third.items.map(({ name }) => name)).toEqual([media[0]?.name]);
    const totals = (await admin.call('GET', '/api/v1/admin/cache')).body as Record<string, { count: number }>;
    expect(totals['local_image']?.count).toBe(all.total);
    const gone = await admin.call('POST', '/api/v1/admin/cache/item/delete', { type: 'image', name: media[1]?.name });
    expect(gone).toMatchObject({ status: 200, body: { deleted: 1 } });
    expect((await get(media[1]?.url ?? '')).status).toBe(404);
    expect((await get(media[0]?.url ?? '')).status).toBe(200);
    expect((await list('type=image')).total).toBe(all.total - 1);
    const again = await admin.call('POST', '/api/v1/admin/cache/item/delete', { type: 'image', name: media[1]?.name });
    expect(again.status).toBe(404);
    expect((await admin.call('POST', '/api/v1/admin/cache/online/clear')).status).toBe(501);
    const metrics = await admin.call('GET', '/api/v1/admin/metrics');
    expect(metrics.body['cache']).toMatchObject({ local_image: { count: all.total - 1 } });
  });

  test('clears a kind', async () => {
    const uploads = await admin.call('POST', '/api/v1/admin/cache/clear', { type: 'upload' });
    expect(uploads.body).toMatchObject({ success: true, has_more: false });
    expect(uploads.body['deleted']).toBeGreaterThan(0);
    const image = await uploaded(aPng());
    const before = (await list('type=image')).total;
    expect(await admin.call('POST', '/api/v1/admin/cache/clear', { type: 'image' })).toMatchObject({
      body: { deleted: before, has_more: false },
    });
    expect((await get(image.url)).status).toBe(404);
    expect((await list('type=image')).items).toEqual([]);
  });

  test('deletes a user, and their media with them', async () => {
    const password = `pass-${randomBytes(12).toString('hex')}`;
    keepOutOfLogs('a password', password);
    const username = `artist-${randomBytes(4).toString('hex')}`;
    const made = await admin.call('POST', '/api/admin/users', { username, password });
    const { id } = made.body['data'] as { id: string };
    const login = await postJson(`${stack.ready.url}/api/auth/login`, { username, password });
    const token = String(login.body['access_token']);
    keepOutOfLogs('an access token', token);
    const theirs = await uploaded(aPng(), token);
    const others = await uploaded(aPng());
    expect((await admin.call('DELETE', `/api/admin/users/${id}`)).status).toBe(200);
    expect((await get(theirs.url)).status).toBe(404);
    expect((await get(others.url)).status).toBe(200);
  });
});

describe('at the local midnight', () => {
  const moveClock = async (now: string): Promise<void> => {
    expect((await postJson(`${stack.ready.sandboxUrl}/__clock`, { now })).status).toBe(200);
  };
  const SWEPT = 1_200;
  let bucket: { url: string; name: string };

  async function fill(expiresAt: number, count: number): Promise<string[]> {
    const client = createBucketClient(bucket.url);
    const keys = Array.from({ length: count }, () => nameGenerated({ expiresAt, createdAt: Date.now() }, 'png'));
    const png = aPng();
    const left = [...keys];
    const work = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        await client.put({ bucket: bucket.name, key, body: png, headers: { 'content-type': 'image/png' } });
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    return keys;
  }

  test('a medium is gone in its second though nothing was swept, and only then is its space given back', async () => {
    const ticket = await postJson(
      `${stack.ready.url}/v1/uploads`,
      {},
      { authorization: `Bearer ${stack.ready.apiKey}` },
    );
    const { origin, pathname } = new URL(String(ticket.body['url']));
    bucket = { url: origin, name: pathname.split('/')[1] ?? '' };
    await moveClock('2026-11-21T15:59:50Z');
    const image = await uploaded(aPng());
    expect(timesOf(image.url.slice(1))?.expiresAt).toBe(Date.parse(MIDNIGHT) / 1_000);
    expect((await get(image.url)).status).toBe(200);
    const expiring = await fill(Date.parse(MIDNIGHT) / 1_000, SWEPT);
    const living = await fill(Date.parse(MIDNIGHT) / 1_000 + 86_400, 3);
    const over = createTimedUuid({ expiresAt: Date.parse(MIDNIGHT) / 1_000, createdAt: Date.parse(MIDNIGHT) - 9_000 });
    await createBucketClient(bucket.url).put({
      bucket: bucket.name,
      key: namePresigned(over, 'usr_nobody'),
      body: aPng(),
      headers: {},
    });
    await moveClock('2026-11-21T16:00:01Z');
    expect((await get(image.url)).status).toBe(404);
    expect((await get(`/${expiring[0]}`)).status).toBe(404);
    expect((await get(`/${living[0]}`)).status).toBe(200);
    expect(((await admin.call('GET', '/api/v1/admin/cache/list')).body as { total: number }).total).toBe(0);
    const swept = await admin.call('POST', '/api/admin/schedules/expire-media/run', {});
    const report = swept.body['data'] as Record<string, unknown>;
    expect(report).toMatchObject({ failed: 0, finished: true });
    expect(report['deleted']).toBeGreaterThanOrEqual(SWEPT + 2);
    expect(report['batches']).toBeGreaterThanOrEqual(SWEPT / 200);
    const again = await admin.call('POST', '/api/admin/schedules/expire-media/run', {});
    expect(again.body['data']).toMatchObject({ deleted: 0, finished: true });
    expect((await get(`/${living[0]}`)).status).toBe(200);
  }, 120_000);
});
