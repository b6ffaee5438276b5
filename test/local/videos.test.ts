import { beforeAll, describe, expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { adminClient, marker, openAiClient, receivedWith, until, usageRow, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';

/** Films on the whole stack: asked for by both APIs and in a conversation, made by the function for jobs, served by the CDN. */
const ready = sharedStack();
let client: OpenAI;

beforeAll(() => {
  client = openAiClient(ready);
});

const headers = { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' };

interface Film {
  request_id: string;
  status: string;
  video?: { url: string; duration: number };
}

async function look(id: string): Promise<Film> {
  return (await (await fetch(`${ready.url}/v1/videos/${id}`, { headers })).json()) as Film;
}

describe('a film', () => {
  test('is polled to its end by its request id, and served in ranges by the CDN', async () => {
    const mark = marker();
    const body = JSON.stringify({ model: 'sandbox-xai-video', prompt: mark, duration: 3 });
    const begun = await fetch(`${ready.url}/v1/videos/generations`, { method: 'POST', headers, body });
    const { request_id: id, status } = (await begun.json()) as Film;
    expect([begun.status, status]).toEqual([200, 'pending']);
    const done = await until(async () => {
      const film = await look(id);
      return film.status === 'pending' ? null : film;
    });
    expect(done).toMatchObject({ status: 'done', video: { duration: 3 } });
    const url = done.video?.url ?? '';
    expect(url.startsWith(`${ready.url}/images/`)).toBe(true);
    const whole = await fetch(url);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const piece = await fetch(url, { headers: { range: 'bytes=4-7' } });
    expect([piece.status, piece.headers.get('content-range')]).toEqual([206, `bytes 4-7/${bytes.length}`]);
    expect(await piece.text()).toBe('ftyp');
    expect((await receivedWith(ready, mark)).filter(({ method }) => method === 'POST')).toHaveLength(1);
    const admin = await adminClient(ready);
    const row = await usageRow(admin, begun.headers.get('x-sluice-request-id') ?? '');
    expect(row).toMatchObject({ source: 'reported', status: 200, upstream: 'sandbox-xai', cost_micros: 150_000 });
    expect(row.parts).toMatchObject({ video_seconds: 3 });
  }, 30_000);

  test('is made and fetched by the OpenAI SDK', async () => {
    const created = await client.videos.create({
      model: 'sandbox-video',
      prompt: marker(),
      seconds: '4',
      size: '1280x720',
    });
    expect(created).toMatchObject({ object: 'video', status: 'queued', seconds: '4', size: '1280x720' });
    const done = await until(async () => {
      const video = await client.videos.retrieve(created.id);
      return video.status === 'completed' || video.status === 'failed' ? video : null;
    });
    expect(done).toMatchObject({ status: 'completed', progress: 100, error: null });
    const film = await client.videos.downloadContent(created.id);
    expect(Buffer.from(await film.arrayBuffer()).toString('latin1', 4, 8)).toBe('ftyp');
    const still = await client.videos.downloadContent(created.id, { variant: 'thumbnail' });
    expect(still.headers.get('content-type')).toBe('image/png');
  }, 30_000);

  test('is told in a conversation: progress as thoughts, then a player', async () => {
    const stream = await client.chat.completions.create({
      model: 'sandbox-xai-video',
      messages: userSays(marker()),
      stream: true,
    });
    let thoughts = '';
    let text = '';
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined;
      thoughts += delta?.reasoning_content ?? '';
      text += delta?.content ?? '';
    }
    expect(thoughts).toMatch(/^Making the video: \d+ %/);
    const url = /^<video src="([^"]+)"/.exec(text)?.[1] ?? '';
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-type')).toBe('video/mp4');
  }, 30_000);

  test('that fails is told so', async () => {
    const created = await client.videos.create({ model: 'sandbox-video--fails', prompt: marker() });
    const failed = await until(async () => {
      const video = await client.videos.retrieve(created.id);
      return video.status === 'failed' ? video : null;
    });
    expect(failed.error?.message).toBe('The video could not be generated. Please try again.');
  }, 30_000);
});
