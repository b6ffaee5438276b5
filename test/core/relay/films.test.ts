import { afterEach, describe, expect, test } from '@jest/globals';
import { aKey, call, NOW, until, type Rig } from './rig.ts';
import { ask, isMp4, keptAt, look, ORIGIN, run, SECOND_MICROS, startFilmRig, WISH, type FilmRig } from './films-rig.ts';

let rig: FilmRig;
afterEach(() => rig.close());

const events = ({ usage }: Rig) => [...usage.rows.values()];
const onlyEvent = (of: Rig) => {
  expect(events(of)).toHaveLength(1);
  return events(of)[0]!;
};

describe('a film in the shape of xAI’s API', () => {
  test('is taken on at once, told as pending, and then told by an address of our own', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0' });
    const begun = await ask(rig, { ...WISH, duration: 6, aspect_ratio: '9:16', resolution: '480p' });
    expect([begun.status, begun.json.status]).toEqual([200, 'pending']);
    const { request_id: id } = begun.json;
    const pending = { request_id: id, id, status: 'pending', model: 'film', progress: 0 };
    expect((await look(rig, id)).json).toEqual(pending);
    expect(onlyEvent(rig).phase).toBe('open');
    expect(await run(rig, id)).toBe('succeeded');
    const done = (await look(rig, id)).json;
    expect(done).toMatchObject({ status: 'done', model: 'film', video: { duration: 6, respect_moderation: true } });
    expect(done.video.url).toMatch(new RegExp(`^${ORIGIN}/images/\\d+/[\\w-]{22,}\\.mp4$`));
    expect(isMp4(keptAt(rig, done.video.url))).toBe(true);
    const [creation] = await rig.creations();
    expect(JSON.parse(creation!.body)).toEqual({
      model: 'sandbox-xai-video--slow-0',
      prompt: WISH.prompt,
      duration: 6,
      aspect_ratio: '9:16',
      resolution: '480p',
    });
  });

  test('is charged by the second that was made, once', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0' });
    const { request_id: id } = (await ask(rig, { ...WISH, duration: 3 })).json;
    await run(rig, id);
    await run(rig, id);
    const { phase, closing } = onlyEvent(rig);
    expect([phase, closing?.source, closing?.parts.videoSeconds]).toEqual(['closed', 'reported', 3]);
    expect(closing?.costMicros).toBe(3 * SECOND_MICROS);
    expect(closing?.attempts).toMatchObject([{ upstream: 'first', credential: 'a', status: 200, error: null }]);
  });

  test('that fails costs nothing, and says why', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0--fails' });
    const { request_id: id } = (await ask(rig, WISH)).json;
    expect(await run(rig, id)).toBe('failed');
    expect((await look(rig, id)).json).toMatchObject({
      status: 'failed',
      error: { code: 'upstream_error', message: 'The video could not be generated.' },
    });
    expect(onlyEvent(rig).closing).toMatchObject({ source: 'void', costMicros: 0 });
  });

  test('that is withheld by moderation is told as such', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0--moderated' });
    const { request_id: id } = (await ask(rig, WISH)).json;
    await run(rig, id);
    const { status, error, video } = (await look(rig, id)).json;
    expect([status, error.code, video.respect_moderation]).toEqual(['failed', 'content_policy_violation', false]);
  });

  test('is looked after by the credential that began it, of however many there are', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `n${index}`);
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0', names });
    const { request_id: id } = (await ask(rig, WISH)).json;
    expect(await run(rig, id)).toBe('succeeded');
    expect(await rig.creations()).toHaveLength(1);
    expect(onlyEvent(rig).closing?.attempts).toHaveLength(1);
  });

  test('is asked after again when the upstream fails to answer', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0--poll-errors-2' });
    const { request_id: id } = (await ask(rig, WISH)).json;
    expect(await run(rig, id)).toBe('succeeded');
    expect((await rig.creations()).length).toBe(1);
  });
});

describe('a film in the shape of OpenAI’s API', () => {
  test('is a video object, whose content leads to the film and to a still', async () => {
    rig = await startFilmRig('openai', { upstreamModel: 'sandbox-video--slow-0' });
    const begun = (await ask(rig, { ...WISH, seconds: '8', size: '1280x720' }, '/v1/videos')).json;
    expect(begun).toMatchObject({ object: 'video', status: 'queued', seconds: '8', size: '1280x720', error: null });
    const early = await call(rig, { method: 'GET', path: `/v1/videos/${begun.id}/content` });
    expect([early.status, early.json.error.message]).toEqual([404, expect.stringContaining('not finished yet')]);
    await run(rig, begun.id);
    const done = (await look(rig, begun.id)).json;
    expect(done).toMatchObject({
      id: begun.id,
      status: 'completed',
      progress: 100,
      model: 'film',
      prompt: WISH.prompt,
    });
    expect(done.expires_at).toBeGreaterThan(done.completed_at);
    const headers = { 'x-forwarded-host': 'films.example' };
    const content = await call(rig, { method: 'GET', path: `/v1/videos/${begun.id}/content`, headers });
    expect([content.status, content.headers.location]).toEqual([302, done.url]);
    const still = await call(rig, { method: 'GET', path: `/v1/videos/${begun.id}/content?variant=thumbnail`, headers });
    expect(keptAt(rig, still.headers.location!)?.toString('latin1', 1, 4)).toBe('PNG');
    expect(onlyEvent(rig).closing?.parts.videoSeconds).toBe(8);
  });

  test('may come as a form with a picture to begin with', async () => {
    rig = await startFilmRig('openai', { upstreamModel: 'sandbox-video--slow-0' });
    const form = new FormData();
    const picture = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    for (const [name, value] of Object.entries({ ...WISH, seconds: '4', size: '720x1280' })) form.set(name, value);
    form.set('input_reference', new Blob([picture], { type: 'image/png' }), 'first.png');
    const { headers, body } = await encoded(form);
    const begun = await ask(rig, body, '/v1/videos', headers);
    expect(begun.json).toMatchObject({ object: 'video', seconds: '4', size: '720x1280' });
    const [creation] = await rig.creations();
    expect(creation!.headers['content-type']).toMatch(/^multipart\/form-data/);
    expect(creation!.body).toContain('name="input_reference"; filename="first.png"');
    // Its bytes are no tokens.
    expect(onlyEvent(rig).inputEstimate).toBeLessThan(100);
  });

  test('is made at the other vendor too, as near as that one comes', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0' });
    const begun = await ask(rig, { ...WISH, seconds: '20', size: '1792x1024' }, '/v1/videos');
    expect(begun.json).toMatchObject({ object: 'video', seconds: '15' });
    expect(String(begun.headers['x-sluice-warnings']).split(', ').toSorted()).toEqual([
      'clamped:resolution',
      'clamped:seconds',
    ]);
    const [creation] = await rig.creations();
    expect(JSON.parse(creation!.body)).toMatchObject({ duration: 15, aspect_ratio: '16:9', resolution: '720p' });
  });
});

describe('a film that is there', () => {
  test('can be forgotten, but not while it is being made', async () => {
    rig = await startFilmRig('openai', { upstreamModel: 'sandbox-video--slow-0' });
    const { id } = (await ask(rig, WISH, '/v1/videos')).json;
    const path = `/v1/videos/${id}`;
    expect((await call(rig, { method: 'DELETE', path, body: '' })).status).toBe(409);
    await run(rig, id);
    const { status, json } = await call(rig, { method: 'DELETE', path, body: '' });
    expect([status, json]).toEqual([200, { id, object: 'video.deleted', deleted: true }]);
    expect((await look(rig, id)).status).toBe(404);
  });

  test('has expired with its day: it is told so, and its content is gone', async () => {
    let now = NOW;
    rig = await startFilmRig('xai', {
      upstreamModel: 'sandbox-xai-video--slow-0',
      deps: { clock: () => now },
    });
    const { request_id: id } = (await ask(rig, WISH)).json;
    await run(rig, id);
    now = NOW + 13 * 3_600_000;
    expect((await look(rig, id)).json.status).toBe('expired');
    const content = await call(rig, { method: 'GET', path: `/v1/videos/${id}/content` });
    expect([content.status, content.json.error.message]).toEqual([404, `The film '${id}' has expired.`]);
  });
});

describe('a request for a film', () => {
  const bad: [string, object, string, string][] = [
    ['without a prompt', { prompt: undefined }, 'missing_prompt', 'prompt'],
    ['of no whole number of seconds', { duration: 2.5 }, 'invalid_field', 'duration'],
    ['of too many seconds', { seconds: '600' }, 'invalid_field', 'seconds'],
    ['of a shape that is none', { aspect_ratio: 'wide' }, 'invalid_field', 'aspect_ratio'],
    ['of a size that is none', { size: 'large' }, 'invalid_field', 'size'],
    ['of an unknown resolution', { resolution: '8K' }, 'invalid_field', 'resolution'],
    ['that changes another film', { video: { url: 'https://example.com/a.mp4' } }, 'invalid_field', 'video'],
    ['with a picture that is no data', { image: { url: 'data:image/png,xx' } }, 'invalid_field', 'image.url'],
    ['of a model that makes none', { model: 'public' }, 'invalid_model', 'model'],
    ['of no known model', { model: 'unheard-of' }, 'model_not_found', 'model'],
  ];
  test.each(bad)('%s is refused, and nobody is asked', async (_name, change, code, param) => {
    rig = await startFilmRig('xai');
    const { status, json } = await ask(rig, { ...WISH, ...change });
    expect([status, json.error.code, json.error.param]).toEqual([code === 'model_not_found' ? 404 : 400, code, param]);
    expect(await rig.asked()).toEqual([]);
    expect(rig.jobs.rows.size).toBe(0);
  });

  test('is held against the key’s films of the day before anybody is asked', async () => {
    rig = await startFilmRig('xai', { keys: [aKey({ limits: { perDay: { video: 1 } } } as never)] });
    expect((await ask(rig, WISH)).status).toBe(200);
    const second = await ask(rig, WISH);
    expect([second.status, second.json.error.code]).toEqual([429, 'daily_quota_exceeded']);
    expect(await rig.creations()).toHaveLength(1);
    expect(rig.jobs.rows.size).toBe(1);
  });

  test('holds the price of all of its seconds', async () => {
    const budgetMicrosPerMonth = 10 * SECOND_MICROS;
    rig = await startFilmRig('xai', { keys: [aKey({ limits: { budgetMicrosPerMonth } } as never)] });
    expect((await ask(rig, { ...WISH, duration: 11 })).status).toBe(429);
    expect((await ask(rig, { ...WISH, duration: 6 })).status).toBe(200);
    expect((await ask(rig, { ...WISH, duration: 6 })).status).toBe(429);
    expect(await rig.creations()).toHaveLength(1);
  });

  test('that the upstream refuses is told so at once, and leaves no job', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--429--retry-after-7' });
    const refused = await ask(rig, WISH);
    expect([refused.status, refused.json.error.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(rig.jobs.rows.size).toBe(0);
    expect(onlyEvent(rig).closing).toMatchObject({ source: 'void', costMicros: 0 });
  });

  test('under one key is asked once, however often it comes', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0' });
    const key = { 'idempotency-key': 'film-1' };
    const first = await ask(rig, WISH, undefined, key);
    const second = await ask(rig, WISH, undefined, key);
    expect(second.json.request_id).toBe(first.json.request_id);
    await run(rig, first.json.request_id);
    expect((await ask(rig, WISH, undefined, key)).json.status).toBe('done');
    expect(await rig.creations()).toHaveLength(1);
    const other = await ask(rig, { ...WISH, prompt: 'another one' }, undefined, key);
    expect([other.status, other.json.error.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('under a key whose film is just being asked for is told to wait', async () => {
    rig = await startFilmRig('xai', { upstreamModel: 'sandbox-xai-video--slow-0--slow-first-300' });
    const key = { 'idempotency-key': 'film-1' };
    const first = ask(rig, WISH, undefined, key);
    await until(() => rig.jobs.rows.size > 0);
    const second = await ask(rig, WISH, undefined, key);
    expect([second.status, second.json.error.code]).toEqual([409, 'request_in_progress']);
    expect((await first).status).toBe(200);
    expect(await rig.creations()).toHaveLength(1);
  });

  test('is its user’s alone', async () => {
    rig = await startFilmRig('xai');
    const { status } = await look(rig, 'video_aaaaaaaaaaaaaaaa');
    expect(status).toBe(404);
    const { request_id: id } = (await ask(rig, WISH)).json;
    const none = await call(rig, { method: 'GET', path: `/v1/videos/${id}`, headers: { authorization: 'Bearer no' } });
    expect(none.status).toBe(401);
  });
});

async function encoded(form: FormData): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const request = new Request('http://example.test', { method: 'POST', body: form });
  const type = request.headers.get('content-type') ?? '';
  return { headers: { 'content-type': type }, body: Buffer.from(await request.arrayBuffer()) };
}
