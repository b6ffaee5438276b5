import { crc32, deflateSync } from 'node:zlib';
import type { SeenRequest, Step } from '../../support/fake-upstream.ts';
import { jsonOf } from '../../support/fake-upstream.ts';
import { createMemoryMedia, createMemoryObjects, type MemoryObjects } from '../../support/memory-media.ts';
import { aCredential, aModel, anUpstream, call, NOW, startRig, type Call, type Rig, type RigOptions } from './rig.ts';

/** A real picture of one colour, told apart by it. */
export function pngOf(shade: number, edge = 4): Buffer {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(edge, shade)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: edge }, () => row)));
  const size = Buffer.alloc(8);
  size.writeUInt32BE(edge, 0);
  size.writeUInt32BE(edge, 4);
  const head = Buffer.concat([size, Buffer.from([8, 0, 0, 0, 0])]);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(4);
    frame.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([frame, body, check]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

type Loose = any; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into freely

export const PICTURE = pngOf(7);
const REPORT = {
  total_tokens: 130,
  input_tokens: 30,
  output_tokens: 100,
  input_tokens_details: { text_tokens: 10, image_tokens: 20 },
};

/** What an OpenAI-like upstream answers with. */
export function drawnBy(pictures: readonly Buffer[], more: object = {}): Step[] {
  const data = pictures.map((bytes) => ({ b64_json: bytes.toString('base64'), revised_prompt: 'a better cat' }));
  return jsonOf(JSON.stringify({ created: 1_700_000_000, data, usage: REPORT, size: '1024x1024', ...more }));
}

export function drawnByGemini(pictures: readonly Buffer[], text = ''): Step[] {
  const inline = pictures.map((bytes) => ({ inlineData: { mimeType: 'image/png', data: bytes.toString('base64') } }));
  const parts = [...(text === '' ? [] : [{ text }]), ...inline];
  return jsonOf(
    JSON.stringify({
      candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
      usageMetadata: {
        promptTokenCount: 9,
        candidatesTokenCount: 1290,
        totalTokenCount: 1299,
        candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }],
      },
    }),
  );
}

export function eventsOf(events: readonly object[]): Step[] {
  const text = events.map((data) => `event: ${(data as { type: string }).type}\ndata: ${JSON.stringify(data)}\n\n`);
  return [{ head: 200, headers: { 'content-type': 'text/event-stream' } }, ...text.map((write) => ({ write }))];
}

export interface ImageRig extends Rig {
  objects: MemoryObjects;
}

export type Way = 'openai' | 'xai' | 'gemini' | 'compatible' | 'chat';

const UPSTREAMS: Readonly<Record<Way, object>> = {
  openai: { format: 'openai-images', vendor: 'openai' },
  xai: { format: 'openai-images', vendor: 'xai' },
  compatible: { format: 'openai-images', vendor: 'openai-compatible' },
  gemini: { format: 'gemini', vendor: 'gemini' },
  chat: { format: 'openai-chat', vendor: 'openai' },
};

/** One model that draws, at an upstream that is asked in this way. */
export async function startImageRig(way: Way, options: RigOptions = {}): Promise<ImageRig> {
  const objects = createMemoryObjects();
  const { media, uploads } = createMemoryMedia({ clock: () => NOW, objects });
  const rig = await startRig({
    models: [aModel({ name: 'painter', class: 'image' })],
    upstreams: (baseUrl) => [anUpstream('first', baseUrl, UPSTREAMS[way] as never)],
    credentials: [aCredential('first', 'a')],
    ...options,
    deps: { media, uploads, ...options.deps },
  });
  return { ...rig, objects };
}

export const WISH = { model: 'painter', prompt: 'a cat with a hat' };
const HOST = { 'x-forwarded-host': 'images.example' };

export function wish(
  rig: ImageRig,
  body: object | Buffer,
  change: { path?: string; headers?: object } = {},
): Promise<Call> {
  const { path = '/v1/images/generations', headers } = change;
  return call(rig, { path, body, headers: { ...HOST, ...headers } });
}

export async function edit(rig: ImageRig, form: FormData, path = '/v1/images/edits'): Promise<Call> {
  const request = new Request('http://example.test', { method: 'POST', body: form });
  const type = request.headers.get('content-type') ?? '';
  return call(rig, {
    path,
    body: Buffer.from(await request.arrayBuffer()),
    headers: { ...HOST, 'content-type': type },
  });
}

export function jsonBody({ body }: SeenRequest): Loose {
  return JSON.parse(body);
}

/** The picture that is kept where this address leads. */
export function keptAt(rig: ImageRig, url: string): Buffer | undefined {
  const key = new URL(url, 'https://images.example').pathname.slice(1);
  return rig.objects.kept.get(key)?.bytes;
}

/** The events of a stream. */
export function readEvents(text: string): { event: string; data: Loose }[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'),
    }));
}
