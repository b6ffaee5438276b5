import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { hasEnded } from '../../../layers/core/media/job.ts';
import { call } from './rig.ts';
import { isMp4, keptAt, ORIGIN, startFilmRig, type FilmRig } from './films-rig.ts';

let rig: FilmRig;
afterEach(() => rig.close());

const HOST = { 'x-forwarded-host': 'films.example' };
const TURN = { model: 'film', messages: [{ role: 'user', content: 'a cat plays with a ball' }] };

/** Jobs are run as soon as they are begun, as the function for jobs does. */
async function start(vendor: 'openai' | 'xai', upstreamModel: string, more: object = {}): Promise<void> {
  rig = await startFilmRig(vendor, {
    upstreamModel,
    ...more,
    deps: {
      startJob: async (key) => {
        void rig.runJob(key);
      },
    },
  });
}

const events = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .map((block) => JSON.parse(block.slice('data: '.length)));

describe('a model that makes films, in a conversation', () => {
  test('answers with a player of the film at our own address', async () => {
    await start('openai', 'sandbox-video--slow-0');
    const { status, json } = await call(rig, { body: TURN, headers: HOST });
    expect([status, json.object, json.choices[0].finish_reason]).toEqual([200, 'chat.completion', 'stop']);
    const { content } = json.choices[0].message;
    const [, url, poster] =
      /^<video src="([^"]+)" controls="controls" preload="metadata" poster="([^"]+)"><\/video>$/.exec(content)!;
    expect(isMp4(keptAt(rig, url!))).toBe(true);
    expect(poster).toMatch(`${ORIGIN}/images/`);
    const [event] = rig.usage.rows.values();
    expect([rig.usage.rows.size, event!.closing?.parts.videoSeconds]).toEqual([1, 4]);
  });

  test('tells its progress as thoughts while it streams, and ends in order', async () => {
    await start('xai', 'sandbox-xai-video--slow-2');
    const body = { ...TURN, stream: true, video_config: { video_length: 6, aspect_ratio: '3:2', resolution: 'HD' } };
    const { text, headers } = await call(rig, { body, headers: HOST });
    expect(headers['content-type']).toMatch(/^text\/event-stream/);
    const deltas = events(text).map(({ choices }) => choices[0]?.delta ?? {});
    const thoughts = deltas.map((delta) => delta.reasoning_content ?? '').join('');
    expect(thoughts).toMatch(/^Making the video: \d+ %\n/);
    expect(deltas.map((delta) => delta.content ?? '').join('')).toMatch(
      /^<video src="https:\/\/films\.example\/images\//,
    );
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const [creation] = await rig.creations();
    expect(JSON.parse(creation!.body)).toMatchObject({ duration: 6, aspect_ratio: '3:2', resolution: '720p' });
  });

  test('shows a still that leads to the film, where the operator wants it so', async () => {
    await start('openai', 'sandbox-video--slow-0', { settings: { videoPosterPreview: 'on' } });
    const { json } = await call(rig, { body: TURN, headers: HOST });
    expect(json.choices[0].message.content).toMatch(/^\[!\[video\]\(https:\/\/[^)]+\.png\)\]\(https:\/\/[^)]+\.mp4\)$/);
  });

  test('takes the last turn plainly, earlier ones with who said them, and the first picture', async () => {
    await start('xai', 'sandbox-xai-video--slow-0');
    const picture = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==';
    const messages = [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A ball.' },
          { type: 'image_url', image_url: { url: picture } },
        ],
      },
      { role: 'assistant', content: 'Which colour?' },
      { role: 'user', content: 'Red.' },
    ];
    expect((await call(rig, { body: { model: 'film', messages }, headers: HOST })).status).toBe(200);
    const [creation] = await rig.creations();
    const { prompt, image } = JSON.parse(creation!.body);
    expect(prompt.split('\n\n').at(-1)).toBe('Red.');
    expect(prompt).toContain('user: A ball.');
    expect(image.url).toBe(picture);
  });

  test('answers in other formats as well', async () => {
    await start('openai', 'sandbox-video--slow-0');
    const { status, json } = await call(rig, {
      path: '/v1/messages',
      body: { ...TURN, max_tokens: 100 },
      headers: HOST,
    });
    expect([status, json.type, json.content[0].text]).toEqual([200, 'message', expect.stringContaining('<video src=')]);
  });

  test('tells a failure as the format does', async () => {
    await start('xai', 'sandbox-xai-video--slow-0--fails');
    const whole = await call(rig, { body: TURN, headers: HOST });
    expect([whole.status, whole.json.error.message]).toEqual([502, 'The video could not be generated.']);
    const { text } = await call(rig, { body: { ...TURN, stream: true }, headers: HOST });
    expect(events(text).at(-1)).toMatchObject({ error: { message: 'The video could not be generated.' } });
  });

  test('tells at once what the upstream refuses', async () => {
    await start('xai', 'sandbox-xai-video--429');
    const { status, json } = await call(rig, { body: { ...TURN, stream: true }, headers: HOST });
    expect([status, json.error.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(rig.jobs.rows.size).toBe(0);
  });

  test('goes on with the film when its client leaves', async () => {
    await start('xai', 'sandbox-xai-video--slow-1');
    const left = await call(rig, { body: { ...TURN, stream: true }, headers: HOST, onData: () => 'leave' });
    expect(left.broken).toBe(true);
    // The film takes a second of the machine's own time.
    while (![...rig.jobs.rows.values()].every(hasEnded)) await pause(20);
    const [event] = rig.usage.rows.values();
    expect([event!.phase, event!.closing?.source, event!.closing?.parts.videoSeconds]).toEqual([
      'closed',
      'reported',
      8,
    ]);
    expect(rig.media.objects.kept.size).toBe(1);
  });
});
