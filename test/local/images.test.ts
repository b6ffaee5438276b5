import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { sharedStack } from '../support/stack.ts';

const ready = sharedStack();
let client: OpenAI;

beforeAll(() => {
  client = new OpenAI({ apiKey: ready.apiKey, baseURL: `${ready.url}/v1`, maxRetries: 0 });
});

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const WISH = { model: 'sandbox-image', prompt: 'a cat with a hat' } as const;

function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, PNG.length).equals(PNG);
}

async function fetchPicture(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
  return Buffer.from(await answer.arrayBuffer());
}

describe('the OpenAI SDK', () => {
  test.each(['sandbox-image', 'sandbox-xai-image', 'sandbox-gemini-image'])(
    'has pictures drawn by %s, as addresses and as bytes',
    async (model) => {
      const asUrl = await client.images.generate({ ...WISH, model, n: 2, response_format: 'url' });
      expect(asUrl.data).toHaveLength(2);
      expect(asUrl.data?.[0]?.url?.startsWith(`${ready.url}/images/`)).toBe(true);
      expect(isPng(await fetchPicture(asUrl.data?.[0]?.url ?? ''))).toBe(true);
      const asBytes = await client.images.generate({ ...WISH, model, response_format: 'b64_json' });
      expect(isPng(Buffer.from(asBytes.data?.[0]?.b64_json ?? '', 'base64'))).toBe(true);
    },
  );

  test('edits a picture with a mask, sent as files', async () => {
    const drawn = await client.images.generate({ ...WISH, response_format: 'b64_json' });
    const bytes = Buffer.from(drawn.data?.[0]?.b64_json ?? '', 'base64');
    const image = await toFile(bytes, 'cat.png', { type: 'image/png' });
    const mask = await toFile(bytes, 'mask.png', { type: 'image/png' });
    const edited = await client.images.edit({ ...WISH, image: [image, image], mask, prompt: 'a dog' });
    expect(isPng(await fetchPicture(edited.data?.[0]?.url ?? ''))).toBe(true);
  });

  test('is told of a picture that was announced and never came', async () => {
    const headers = { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(`${ready.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const announced = await post('/v1/uploads', { filename: 'a.png', bytes: 100, mime_type: 'image/png' });
    const { reference } = (await announced.json()) as { reference: string };
    const edit = await post('/v1/images/edits', { ...WISH, image: reference });
    expect([edit.status, await edit.json()]).toEqual([
      404,
      { error: expect.objectContaining({ code: 'upload_not_found' }) },
    ]);
  });

  test('sees unfinished pictures in a stream, and the finished one at its end', async () => {
    const stream = await client.images.generate({ ...WISH, stream: true, partial_images: 2 });
    const seen: string[] = [];
    let last = '';
    for await (const event of stream) {
      seen.push(event.type);
      last = event.b64_json;
    }
    expect(seen).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
    expect(isPng(Buffer.from(last, 'base64'))).toBe(true);
  });

  test('is told in one word what will not be drawn', async () => {
    const asking = client.images.generate({ ...WISH, model: 'sandbox-image--moderated' });
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'content_policy_violation' });
  });

  test('is answered with a link in a conversation, which leads to the picture', async () => {
    const messages = [{ role: 'user' as const, content: 'a cat with a hat' }];
    const whole = await client.chat.completions.create({ model: 'sandbox-image', messages });
    const url = /^!\[image\]\(([^)]+)\)$/.exec(whole.choices[0]?.message.content ?? '')?.[1] ?? '';
    expect(isPng(await fetchPicture(url))).toBe(true);
    const stream = client.chat.completions.stream({ model: 'sandbox-gemini-image', messages });
    expect(await stream.finalContent()).toContain(`](${ready.url}/images/`);
  });
});

describe('large pictures', () => {
  const COUNT = 20;
  const AT_ONCE = 4;
  const LARGE = { ...WISH, model: 'sandbox-image--bytes-10000000' };

  function memoryOf(pid: number, what: 'VmHWM' | 'VmRSS'): number {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  }

  async function drawOne(format: 'url' | 'b64_json'): Promise<void> {
    const { data } = await client.images.generate({ ...LARGE, response_format: format });
    const [picture] = data ?? [];
    if (format === 'url') expect(picture?.url).toMatch(/\.png$/);
    else expect(Buffer.byteLength(picture?.b64_json ?? '', 'base64')).toBeGreaterThanOrEqual(10_000_000);
  }

  test('pass through a relay whose memory stays flat', async () => {
    const pid = ready.pids['relay'] ?? 0;
    await drawOne('b64_json');
    const before = memoryOf(pid, 'VmRSS');
    for (let made = 0; made < COUNT; made += AT_ONCE) {
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_none, place) => drawOne(place % 2 === 0 ? 'url' : 'b64_json')),
      );
    }
    const peak = memoryOf(pid, 'VmHWM');
    process.stdout.write(`relay: ${before.toFixed(0)} MB before, peak ${peak.toFixed(0)} MB over ${COUNT} × 10 MB\n`);
    expect(peak - before).toBeLessThan(150);
  }, 240_000);
});
