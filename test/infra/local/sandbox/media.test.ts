import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { toFile } from 'openai';
import { createDemoDocument, SANDBOX_CREDENTIAL } from '../../../../infra/local/sandbox/demo-document.ts';
import { configurationDocument } from '../../../../layers/contract/configuration-document.ts';
import { withSandbox } from './with-sandbox.ts';

type Loose = any; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into freely

const sandbox = withSandbox();
const WISH = { model: 'sandbox-image', prompt: 'a cat with a hat' };

async function post(
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; json: Loose }> {
  const answer = await fetch(`${sandbox.url()}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SANDBOX_CREDENTIAL}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: await answer.json() };
}

/** Reads a PNG file with a palette apart: its size, and the colour of every pixel. */
function readPng(bytes: Buffer): { width: number; height: number; colours: number } {
  expect(bytes.toString('hex', 0, 8)).toBe('89504e470d0a1a0a');
  const parts = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    parts.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const header = parts.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(parts.get('IDAT')!);
  expect(rows.length).toBe((width + 1) * height);
  return { width, height, colours: new Set(rows).size };
}

/** The boxes of an MP4 file at one level, by name. */
function boxesOf(bytes: Buffer): Map<string, Buffer> {
  const boxes = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    boxes.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + length));
    at += length;
  }
  return boxes;
}

const bytesOf = (base64: string | undefined): Buffer => Buffer.from(base64 ?? '', 'base64');
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('pictures in OpenAI’s way', () => {
  test('are real PNG files of the size asked for, the same for the same prompt, each another one', async () => {
    const { data, usage, size } = await sandbox.client.images.generate({ ...WISH, n: 2, size: '1536x1024' });
    const [first, second] = (data ?? []).map(({ b64_json: text }) => bytesOf(text));
    expect(readPng(first!)).toMatchObject({ width: 1536, height: 1024 });
    expect(readPng(first!).colours).toBeGreaterThan(10);
    expect(digestOf(first!)).not.toBe(digestOf(second!));
    expect([size, usage?.output_tokens]).toEqual(['1536x1024', 2 * 1056]);
    const again = await sandbox.client.images.generate({ ...WISH, n: 2, size: '1536x1024' });
    expect(again.data?.[0]?.b64_json).toBe(data?.[0]?.b64_json);
  });

  test('differ by their prompt', async () => {
    const one = await sandbox.client.images.generate(WISH);
    const other = await sandbox.client.images.generate({ ...WISH, prompt: 'a dog' });
    expect(one.data?.[0]?.b64_json).not.toBe(other.data?.[0]?.b64_json);
  });

  test('are as large as their model’s name says', async () => {
    const { data } = await sandbox.client.images.generate({ ...WISH, model: 'sandbox-image--bytes-500000' });
    expect(bytesOf(data?.[0]?.b64_json).length).toBe(500_000);
    expect(readPng(bytesOf(data?.[0]?.b64_json))).toMatchObject({ width: 1024 });
  });

  test('take no response_format, except of the older family, which answers with an address', async () => {
    const refused = await post('/v1/images/generations', { ...WISH, response_format: 'url' });
    expect([refused.status, refused.json.error.code]).toEqual([400, 'unknown_parameter']);
    const { data } = await sandbox.client.images.generate({ ...WISH, model: 'sandbox-dalle' });
    const picture = await fetch(data?.[0]?.url ?? '');
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    readPng(Buffer.from(await picture.arrayBuffer()));
  });

  test('come unfinished before they come whole in a stream', async () => {
    const stream = await sandbox.client.images.generate({ ...WISH, stream: true, partial_images: 2 });
    const seen: [string, number][] = [];
    for await (const event of stream) seen.push([event.type, readPng(bytesOf(event.b64_json)).width]);
    expect(seen).toEqual([
      ['image_generation.partial_image', 1024],
      ['image_generation.partial_image', 1024],
      ['image_generation.completed', 1024],
    ]);
  });

  test('are changed under a mask of the same size only', async () => {
    const { data } = await sandbox.client.images.generate({ ...WISH, size: '1024x1024' });
    const image = await toFile(bytesOf(data?.[0]?.b64_json), 'cat.png', { type: 'image/png' });
    const edited = await sandbox.client.images.edit({ ...WISH, image: [image, image], mask: image });
    expect(readPng(bytesOf(edited.data?.[0]?.b64_json)).width).toBe(1024);
    const small = await sandbox.client.images.generate({ ...WISH, size: '1536x1024' });
    const mask = await toFile(bytesOf(small.data?.[0]?.b64_json), 'mask.png', { type: 'image/png' });
    const asking = sandbox.client.images.edit({ ...WISH, image, mask });
    await expect(asking).rejects.toMatchObject({ status: 400, param: 'mask' });
  });

  test.each([
    [{ prompt: '' }, 'prompt'],
    [{ n: 11 }, 'n'],
    [{ size: 'large' }, 'size'],
    [{ quality: 'best' }, 'quality'],
    [{ partial_images: 1 }, 'partial_images'],
    [{ aspect_ratio: '1:1' }, 'aspect_ratio'],
  ])('refuse %j', async (change, param) => {
    const { status, json } = await post('/v1/images/generations', { ...WISH, ...change });
    expect([status, json.error.param]).toEqual([400, param]);
  });
});

describe('pictures in xAI’s way', () => {
  const wish = { model: 'sandbox-xai-image', prompt: 'a cat' };

  test('have shapes, addresses, and their costs in the answer', async () => {
    const { status, json } = await post('/xai/v1/images/generations', { ...wish, n: 2, aspect_ratio: '16:9' });
    expect([status, json.data.length, json.usage.cost_in_usd_ticks]).toEqual([200, 2, 400_000_000]);
    const picture = await fetch(json.data[0].url);
    expect(readPng(Buffer.from(await picture.arrayBuffer()))).toMatchObject({ width: 1024, height: 576 });
  });

  test('know no sizes and no forms, and say so in xAI’s words', async () => {
    const sized = await post('/xai/v1/images/generations', { ...wish, size: '1024x1024' });
    expect([sized.status, sized.json.error]).toEqual([400, 'Argument not supported: size']);
    const form = await post('/xai/v1/images/edits', wish, { 'content-type': 'multipart/form-data; boundary=b' });
    expect(form.status).toBe(415);
  });

  test('are changed by JSON with data URLs', async () => {
    const { json } = await post('/xai/v1/images/generations', { ...wish, response_format: 'b64_json' });
    const url = `data:image/png;base64,${json.data[0].b64_json}`;
    expect((await post('/xai/v1/images/edits', { ...wish, image: { url } })).status).toBe(200);
    const text = `data:image/png;base64,${Buffer.from('<svg/>').toString('base64')}`;
    expect((await post('/xai/v1/images/edits', { ...wish, image: { url: text } })).status).toBe(400);
  });
});

test('Gemini’s pictures stand beside a sentence, or alone', async () => {
  const contents = [{ role: 'user', parts: [{ text: 'a cat' }] }];
  const path = '/v1beta/models/sandbox-gemini-image:generateContent';
  const key = { 'x-goog-api-key': SANDBOX_CREDENTIAL };
  const both = await post(path, { contents }, key);
  const [text, picture] = both.json.candidates[0].content.parts;
  expect(text.text).toMatch(/picture/);
  expect(readPng(bytesOf(picture.inlineData.data))).toMatchObject({ width: 1024, height: 1024 });
  expect(both.json.usageMetadata.candidatesTokenCount).toBe(1290);
  const generationConfig = { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '9:16' } };
  const alone = await post(path, { contents, generationConfig }, key);
  const { parts } = alone.json.candidates[0].content;
  expect(parts).toHaveLength(1);
  expect(readPng(bytesOf(parts[0].inlineData.data))).toMatchObject({ width: 576, height: 1024 });
});

describe('films', () => {
  async function ended(id: string, path: string): Promise<Loose> {
    for (;;) {
      const answer = await fetch(`${sandbox.url()}${path}/${id}`, {
        headers: { authorization: `Bearer ${SANDBOX_CREDENTIAL}` },
      });
      const json = (await answer.json()) as { status: string };
      if (!['pending', 'queued', 'in_progress'].includes(json.status)) return json;
    }
  }

  test('of xAI are MP4 files with a picture a second, under an address that needs no credential', async () => {
    const begun = await post('/xai/v1/videos/generations', {
      model: 'sandbox-xai-video--slow-0',
      prompt: 'a cat',
      duration: 3,
    });
    const { status, video, usage } = await ended(begun.json.request_id, '/xai/v1/videos');
    expect([status, video.duration, usage.cost_in_usd_ticks]).toEqual(['done', 3, 1_500_000_000]);
    const film = Buffer.from(await (await fetch(video.url)).arrayBuffer());
    const boxes = boxesOf(film);
    expect([...boxes.keys()]).toEqual(['ftyp', 'moov', 'mdat']);
    const media = boxesOf(boxesOf(boxesOf(boxes.get('moov')!).get('trak')!).get('mdia')!);
    const table = boxesOf(boxesOf(media.get('minf')!).get('stbl')!);
    const sizes = table.get('stsz')!;
    expect(sizes.readUInt32BE(8)).toBe(3);
    // Every sample is one IDR picture, and the first stands where the index says.
    const start = table.get('stco')!.readUInt32BE(8);
    expect(film.readUInt32BE(start)).toBe(sizes.readUInt32BE(12) - 4);
    expect(film[start + 4]! & 0x1f).toBe(5);
  });

  test('of OpenAI are fetched by their id, and a still of them', async () => {
    const created = await sandbox.client.videos.create({
      model: 'sandbox-video--slow-0',
      prompt: 'a cat',
      size: '1280x720',
    });
    expect((await ended(created.id, '/v1/videos')).seconds).toBe('4');
    const film = await sandbox.client.videos.downloadContent(created.id);
    expect(film.headers.get('content-type')).toBe('video/mp4');
    const still = await sandbox.client.videos.downloadContent(created.id, { variant: 'thumbnail' });
    expect(readPng(Buffer.from(await still.arrayBuffer()))).toMatchObject({ width: 320, height: 176 });
  });

  test('take the time that their model’s name says, and tell how far they are', async () => {
    const created = await sandbox.client.videos.create({ model: 'sandbox-video--slow-130', prompt: 'a cat' });
    expect(await sandbox.client.videos.retrieve(created.id)).toMatchObject({ status: 'queued', progress: 0 });
    await expect(sandbox.client.videos.downloadContent(created.id)).rejects.toMatchObject({ status: 404 });
  });

  test.each(['fails', 'moderated'])('that are to be %s are', async (how) => {
    const created = await sandbox.client.videos.create({ model: `sandbox-video--slow-0--${how}`, prompt: 'a cat' });
    expect((await ended(created.id, '/v1/videos')).status).toBe('failed');
  });
});

test('the document that the runner imports is one', () => {
  const document = createDemoDocument({ sandboxUrl: sandbox.url() });
  expect(configurationDocument.safeParse(document).error).toBeUndefined();
  const upstreams = new Set(document.upstreams.map(({ name }) => name));
  expect(document.models.flatMap(({ routes }) => routes).filter(({ upstream }) => !upstreams.has(upstream))).toEqual(
    [],
  );
});
