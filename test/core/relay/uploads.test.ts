import { afterEach, describe, expect, it } from '@jest/globals';
import { writeMultipart, type FormField } from '../../../layers/kit/http/multipart.ts';
import { createMemoryMedia } from '../../support/memory-media.ts';
import { aUser, call, NOW, startRig, type Call, type Rig, type RigOptions } from './rig.ts';

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(300, 5)]);

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
});

async function rigOf(options: RigOptions = {}) {
  const media = createMemoryMedia({ clock: () => NOW, mostBytes: 1_000 });
  rig = await startRig({ ...options, deps: { ...options.deps, media: media.media, uploads: media.uploads } });
  return { media, rig };
}

function send(running: Rig, fields: readonly FormField[], headers: Record<string, string> = {}): Promise<Call> {
  const { contentType, body } = writeMultipart(fields, 'the-boundary');
  return call(running, { path: '/v1/uploads/image', body, headers: { 'content-type': contentType, ...headers } });
}

const file = (bytes: Buffer, contentType = 'image/png', name = 'file'): FormField => ({
  name,
  value: { filename: 'my "cat".png', contentType, bytes },
});

describe('POST /v1/uploads/image', () => {
  it('keeps the image as its user’s, and says where', async () => {
    const { media, rig: running } = await rigOf();
    const { status, json } = await send(running, [{ name: 'purpose', value: 'x' }, file(PNG)]);
    expect([status, json]).toEqual([
      200,
      {
        url: `/images/${json.name}`,
        name: expect.stringMatching(/^upload-[0-9a-f-]{36}\.png$/),
        size_bytes: PNG.length,
        content_type: 'image/png',
        filename: 'my "cat".png',
        expires_at: expect.any(Number),
      },
    ]);
    expect(media.objects.kept.get(json.url.slice(1))?.bytes.equals(PNG)).toBe(true);
    expect(await media.index.listOfOwner('usr_1', { limit: 9, nowMs: NOW })).toHaveLength(1);
  });

  it.each([
    ['a form without a file', [{ name: 'other', value: 'x' }], 400, 'missing_file'],
    ['a file of another type', [file(PNG, 'text/html')], 400, 'unsupported_file'],
    ['bytes that are no image', [file(Buffer.from('<svg onload="x()"/>'), 'image/svg+xml')], 400, 'unsupported_file'],
    ['nothing', [file(Buffer.alloc(0))], 400, 'empty_file'],
    ['more than may be kept', [file(Buffer.concat([PNG, Buffer.alloc(1_000)]))], 413, 'file_too_large'],
  ] as const)('refuses %s', async (_title, fields, status, code) => {
    const { media, rig: running } = await rigOf();
    const answer = await send(running, fields);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(media.objects.kept.size).toBe(0);
  });

  it('refuses a body that is no form, and whoever may not ask', async () => {
    const { rig: running } = await rigOf();
    const json = await call(running, { path: '/v1/uploads/image', body: '{}' });
    expect([json.status, json.json.error.code]).toEqual([400, 'missing_file']);
    const nobody = await send(running, [file(PNG)], { authorization: 'Bearer sk-nobody' });
    expect([nobody.status, nobody.json.error.code]).toEqual([401, 'invalid_api_key']);
  });

  it('is closed to those whom an administrator has silenced', async () => {
    const { rig: running } = await rigOf({ users: [aUser({ silenced: true })] });
    expect((await send(running, [file(PNG)])).json.error.code).toBe('account_silenced');
  });

  it('is told when the bucket is away, and may be asked again', async () => {
    const { media, rig: running } = await rigOf();
    media.objects.put = () => Promise.reject(new Error('the bucket is away'));
    const answer = await send(running, [file(PNG)]);
    expect([answer.status, answer.json.error.code]).toEqual([503, 'store_unavailable']);
    expect(answer.text).not.toContain('the bucket is away');
  });
});

describe('POST /v1/uploads', () => {
  const announce = (running: Rig, body: object) => call(running, { path: '/v1/uploads', body: JSON.stringify(body) });

  it('answers an upload as OpenAI’s SDK knows it, and how to send it', async () => {
    const { media, rig: running } = await rigOf();
    const asked = { filename: 'a.png', purpose: 'vision', bytes: 9_000_000, mime_type: 'image/png' };
    const { status, json } = await announce(running, asked);
    expect([status, json]).toEqual([
      200,
      expect.objectContaining({
        object: 'upload',
        status: 'pending',
        bytes: 9_000_000,
        filename: 'a.png',
        purpose: 'vision',
        reference: `upload://${json.id}`,
        method: 'PUT',
        max_bytes: 9_000_000,
        form: { method: 'POST', url: expect.any(String), fields: { key: `uploads/${json.id}/usr_1` } },
      }),
    ]);
    expect(json.expires_at - json.created_at).toBe(3_600);
    const listed = await media.index.listOfOwner('usr_1', { limit: 9, nowMs: NOW });
    expect(listed).toMatchObject([{ kind: 'upload', bytes: 9_000_000 }]);
  });

  it('gives a form where the size is not told', async () => {
    const { rig: running } = await rigOf();
    const { json } = await announce(running, {});
    expect(json).toMatchObject({ bytes: null, method: 'POST', max_bytes: 50 * 1024 * 1024 });
  });

  it.each([
    [{ bytes: 0 }, 400, 'invalid_field', 'bytes'],
    [{ bytes: 1.5 }, 400, 'invalid_field', 'bytes'],
    [{ bytes: '9' }, 400, 'invalid_field', 'bytes'],
    [{ bytes: 50 * 1024 * 1024 + 1 }, 413, 'file_too_large', null],
    [{ mime_type: 'image/svg+xml' }, 400, 'unsupported_file', 'mime_type'],
    [{ filename: 'x'.repeat(256) }, 400, 'invalid_field', 'filename'],
    [{ purpose: 1 }, 400, 'invalid_field', 'purpose'],
  ])('refuses %j', async (body, status, code, param) => {
    const { rig: running } = await rigOf();
    const answer = await announce(running, body);
    expect([answer.status, answer.json.error]).toEqual([status, expect.objectContaining({ code, param })]);
  });
});
