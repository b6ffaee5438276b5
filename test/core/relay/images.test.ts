import { jsonOf } from '../../support/fake-upstream.ts';
import {
  drawnBy,
  drawnByGemini,
  edit,
  jsonBody,
  keptAt,
  PICTURE,
  pngOf,
  startImageRig,
  wish,
  WISH,
  type ImageRig,
  type Way,
} from './images-rig.ts';
import { aKey, aModel, call, closedEvent } from './rig.ts';

const rigs: ImageRig[] = [];

async function rigOf(...[way, options]: Parameters<typeof startImageRig>): Promise<ImageRig> {
  const rig = await startImageRig(way, options);
  rigs.push(rig);
  return rig;
}

afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
});

const ANSWERS = { openai: drawnBy, xai: drawnBy, compatible: drawnBy, chat: drawnBy, gemini: drawnByGemini } as const;

describe('pictures by the images endpoint', () => {
  it.each<Way>(['openai', 'xai', 'compatible', 'chat', 'gemini'])(
    'are kept and told by their address, whatever the upstream speaks: %s',
    async (way) => {
      const rig = await rigOf(way);
      rig.upstream.answer(ANSWERS[way]([PICTURE]));
      const { status, json } = await wish(rig, WISH);
      expect(status).toBe(200);
      expect(Object.keys(json.data[0])[0]).toBe('url');
      expect(json.data[0].url).toMatch(/^https:\/\/images\.example\/images\/\d{10}\/[\w-]{22,}\.png$/);
      expect(keptAt(rig, json.data[0].url)).toEqual(PICTURE);
    },
  );

  it.each(['b64_json', 'base64'])('are told as %s under that name where the client asks so', async (format) => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const { json, headers, text } = await wish(rig, { ...WISH, response_format: format });
    expect(json.data).toEqual([{ [format]: PICTURE.toString('base64'), revised_prompt: 'a better cat' }]);
    expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
    expect(rig.objects.kept.size).toBe(1);
  });

  it('are whole in base64 when they are too large to stay in memory', async () => {
    const large = Buffer.concat([PICTURE, Buffer.alloc(3 * 1024 * 1024 + 1, 9)]);
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([large, PICTURE]));
    const { json } = await wish(rig, { ...WISH, n: 2, response_format: 'b64_json' });
    expect(Buffer.from(json.data[0].b64_json, 'base64').equals(large)).toBe(true);
    expect(Buffer.from(json.data[1].b64_json, 'base64').equals(PICTURE)).toBe(true);
  });

  it('of OpenAI’s own models come as bytes where the client does not say how', async () => {
    const rig = await rigOf('openai', { models: [aModel({ name: 'gpt-image-1', class: 'image' })] });
    rig.upstream.answer(drawnBy([PICTURE]));
    const { json } = await wish(rig, { ...WISH, model: 'gpt-image-1' });
    expect(Object.keys(json.data[0])).toEqual(['b64_json', 'revised_prompt']);
  });

  it('carry the upstream’s usage, its settings and its time', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const { json } = await wish(rig, WISH);
    expect(json).toMatchObject({ created: 1_700_000_000, size: '1024x1024' });
    expect(json.usage).toMatchObject({ total_tokens: 130, input_tokens: 30, output_tokens: 100 });
    const event = await closedEvent(rig);
    expect(event.parts).toMatchObject({ input: 10, imageInput: 20, imageOutput: 100, images: 1 });
    expect(event).toMatchObject({ source: 'reported', status: 200, servedModel: 'up' });
  });

  it('are fetched from where the upstream puts them, without its credential', async () => {
    const rig = await rigOf('compatible');
    rig.upstream.answer(({ path }) =>
      path === '/made.png'
        ? [{ head: 200, headers: { 'content-type': 'image/png' } }, { write: PICTURE }]
        : jsonOf(JSON.stringify({ created: 1, data: [{ url: `${rig.upstream.baseUrl.slice(0, -3)}/made.png` }] })),
    );
    const { json } = await wish(rig, WISH);
    expect(keptAt(rig, json.data[0].url)).toEqual(PICTURE);
    expect(rig.upstream.requests[1]?.headers['authorization']).toBeUndefined();
  });

  it('are drawn by a model that the client need not name', async () => {
    const rig = await rigOf('openai', { models: [aModel(), aModel({ name: 'painter', class: 'image' })] });
    rig.upstream.answer(drawnBy([PICTURE]));
    expect((await wish(rig, { prompt: 'a cat' })).status).toBe(200);
    expect([...rig.usage.rows.values()][0]?.model).toBe('painter');
  });

  it('come by the alias too', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    expect((await wish(rig, WISH, { path: '/api/v1/images/generations' })).status).toBe(200);
  });
});

describe('what an upstream is asked', () => {
  const FULL = { ...WISH, size: '1536x1024', quality: 'high', background: 'transparent', user: 'ann', n: 2, seed: 7 };

  it('is what the client asked for where it speaks the same', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE, pngOf(8)]));
    await wish(rig, { ...FULL, response_format: 'url' });
    const { model: _model, ...asked } = FULL;
    expect(jsonBody(rig.upstream.requests[0]!)).toEqual({ ...asked, model: 'up' });
    expect(rig.upstream.requests[0]?.path).toBe('/v1/images/generations');
  });

  it('is the bytes, of servers that would answer with addresses', async () => {
    const rig = await rigOf('compatible');
    rig.upstream.answer(drawnBy([PICTURE]));
    await wish(rig, WISH);
    expect(jsonBody(rig.upstream.requests[0]!)).toMatchObject({ response_format: 'b64_json' });
  });

  it('is a ratio of xAI, and what it does not know is left out with a word', async () => {
    const rig = await rigOf('xai');
    rig.upstream.answer(drawnBy([PICTURE, pngOf(8)]));
    const { headers } = await wish(rig, FULL);
    expect(jsonBody(rig.upstream.requests[0]!)).toEqual({
      model: 'up',
      prompt: WISH.prompt,
      n: 2,
      aspect_ratio: '3:2',
      response_format: 'b64_json',
      user: 'ann',
      seed: 7,
    });
    expect(headers['x-sluice-warnings']).toContain('dropped:quality');
  });

  it('is a turn of Gemini, once for each picture', async () => {
    const rig = await rigOf('gemini');
    let calls = 0;
    rig.upstream.answer(() => drawnByGemini([pngOf((calls += 1))]));
    const { json } = await wish(rig, { ...WISH, n: 3, size: '16:9', concurrency: 2 });
    expect(json.data.map(({ url }: { url: string }) => keptAt(rig, url))).toEqual([pngOf(1), pngOf(2), pngOf(3)]);
    expect(rig.upstream.requests).toHaveLength(3);
    expect(rig.upstream.requests[0]?.path).toBe('/v1/models/up:generateContent');
    expect(jsonBody(rig.upstream.requests[0]!)).toEqual({
      contents: [{ role: 'user', parts: [{ text: WISH.prompt }] }],
      generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { aspectRatio: '16:9' } },
    });
    const event = await closedEvent(rig);
    expect(event.parts).toMatchObject({ input: 27, imageOutput: 3_870, images: 3 });
  });
});

describe('edits', () => {
  function formOf(files: Record<string, Buffer>, fields: Record<string, string> = {}): FormData {
    const form = new FormData();
    for (const [name, value] of Object.entries({ model: 'painter', prompt: 'with a hat', ...fields })) {
      form.set(name, value);
    }
    for (const [name, bytes] of Object.entries(files)) {
      form.append(name.replace(/\d/, ''), new File([new Uint8Array(bytes)], 'a.png', { type: 'image/png' }));
    }
    return form;
  }

  it('go to OpenAI as a form, the pictures and the mask byte for byte', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const { status } = await edit(
      rig,
      formOf({ 'image[]1': pngOf(1), 'image[]2': pngOf(2), mask: pngOf(3) }, { n: '1' }),
    );
    expect(status).toBe(200);
    const { path, headers, body } = rig.upstream.requests[0]!;
    expect(path).toBe('/v1/images/edits');
    const sent = await new Response(body, { headers: { 'content-type': headers['content-type'] ?? '' } }).text();
    expect(sent.match(/name="image\[\]"/g)).toHaveLength(2);
    expect(sent).toContain('name="mask"');
    expect(sent).toContain('with a hat');
  });

  it.each(['xai', 'gemini'] as const)('go to %s as JSON', async (way) => {
    const rig = await rigOf(way);
    rig.upstream.answer(ANSWERS[way]([PICTURE]));
    expect((await edit(rig, formOf({ image: pngOf(1) }))).status).toBe(200);
    const base64 = pngOf(1).toString('base64');
    expect(rig.upstream.requests[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.stringify(jsonBody(rig.upstream.requests[0]!))).toContain(base64);
    const { path } = rig.upstream.requests[0]!;
    expect(path).toBe(way === 'xai' ? '/v1/images/edits' : '/v1/models/up:generateContent');
  });

  it('take JSON with data URLs, addresses and objects', async () => {
    const rig = await rigOf('xai');
    const url = `${rig.upstream.baseUrl}/somewhere.png`;
    rig.upstream.answer(drawnBy([PICTURE]));
    const data = `data:image/png;base64,${pngOf(1).toString('base64')}`;
    const images = [data, { image_url: url }, { image_url: { url: data } }, { url: data, type: 'image_url' }];
    expect((await wish(rig, { ...WISH, images }, { path: '/v1/images/edits' })).status).toBe(200);
    const sent = jsonBody(rig.upstream.requests[0]!).images;
    expect(sent.map(({ url: one }: { url: string }) => one)).toEqual([data, url, data, data]);
  });

  it('fetch an address for upstreams that do not', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(({ path }) =>
      path === '/v1/cat.png' ? [{ head: 200 }, { write: pngOf(5) }] : drawnBy([PICTURE]),
    );
    const image = `${rig.upstream.baseUrl}/cat.png`;
    expect((await wish(rig, { ...WISH, image }, { path: '/v1/images/edits' })).status).toBe(200);
    expect(rig.upstream.requests.map(({ path }) => path)).toEqual(['/v1/cat.png', '/v1/images/edits']);
  });

  it('take what was drawn or uploaded here, and nothing of anybody else’s', async () => {
    const rig = await rigOf('xai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const { json } = await wish(rig, WISH);
    const again = await wish(rig, { ...WISH, image: json.data[0].url }, { path: '/v1/images/edits' });
    expect(again.status).toBe(200);
    expect(jsonBody(rig.upstream.requests[1]!).image.url).toContain(PICTURE.toString('base64'));
    const foreign = { ...WISH, image: '/images/1999999999/0000000000000000000000000000AA.png' };
    const refused = await wish(rig, foreign, { path: '/v1/images/edits' });
    expect([refused.status, refused.json.error.code]).toEqual([404, 'upload_not_found']);
    expect(rig.upstream.requests).toHaveLength(2);
  });

  it('are refused for a mask by upstreams that take none', async () => {
    const rig = await rigOf('gemini');
    const { status, json } = await edit(rig, formOf({ image: pngOf(1), mask: pngOf(2) }));
    expect([status, json.error.param]).toEqual([400, 'mask']);
    expect(rig.upstream.requests).toHaveLength(0);
  });
});

describe('refusals of a request for pictures', () => {
  const EDITS = { path: '/v1/images/edits' };
  it.each([
    ['no prompt', {}, 'missing_prompt', {}],
    ['an empty prompt', { prompt: ' ' }, 'missing_prompt', {}],
    ['a response format that is none', { prompt: 'a', response_format: 'hex' }, 'invalid_response_format', {}],
    ['a concurrency of four', { prompt: 'a', concurrency: 4 }, 'invalid_concurrency', {}],
    ['a stream of three', { prompt: 'a', stream: true, n: 3 }, 'invalid_stream_n', {}],
    ['a model that draws nothing', { prompt: 'a', model: 'talker' }, 'invalid_model', {}],
    ['a model that films', { prompt: 'a', model: 'filmer' }, 'invalid_model', {}],
    ['an edit of nothing', { prompt: 'a' }, 'missing_image', EDITS],
    [
      'seventeen pictures',
      { prompt: 'a', image: Array(17).fill('https://a.example/b.png') },
      'invalid_image_count',
      EDITS,
    ],
    ['an empty picture', { prompt: 'a', image: '' }, 'empty_file', EDITS],
    [
      'a picture of another kind',
      { prompt: 'a', image: 'data:image/gif;base64,R0lGODlh' },
      'invalid_image_type',
      EDITS,
    ],
  ])('tells %s by its code', async (_what, body, code, change) => {
    const rig = await rigOf('chat', {
      models: [
        aModel({ name: 'painter', class: 'image' }),
        aModel({ name: 'talker' }),
        aModel({ name: 'filmer', class: 'video' }),
      ],
    });
    const { status, json } = await wish(rig, { model: 'painter', ...body }, change);
    expect([status, json.error.code, json.error.type]).toEqual([400, code, 'invalid_request_error']);
    expect(rig.upstream.requests).toHaveLength(0);
    expect([...rig.usage.rows.values()].every(({ closing }) => closing?.source === 'void')).toBe(true);
  });

  it.each([
    [0, 1],
    [99, 10],
    ['many', 1],
    ['3', 3],
    [null, 1],
  ])('takes %j pictures for %i', async (n, wanted) => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    await wish(rig, { ...WISH, n });
    expect(jsonBody(rig.upstream.requests[0]!).n).toBe(wanted);
  });

  it('has one word for what an upstream will not draw', async () => {
    const rig = await rigOf('openai');
    const said = { error: { message: 'Your request was rejected by the safety system.', code: 'moderation_blocked' } };
    rig.upstream.answer(jsonOf(JSON.stringify(said), 400));
    const { status, json } = await wish(rig, WISH);
    expect([status, json.error.code]).toEqual([400, 'content_policy_violation']);
    const gemini = await rigOf('gemini');
    gemini.upstream.answer(jsonOf(JSON.stringify({ candidates: [{ finishReason: 'IMAGE_SAFETY' }] })));
    const refused = await wish(gemini, WISH);
    expect([refused.status, refused.json.error.code]).toEqual([400, 'content_policy_violation']);
    expect(await closedEvent(gemini)).toMatchObject({ source: 'void', costMicros: 0 });
  });

  it('passes on what the upstream says is wrong in the same words', async () => {
    const rig = await rigOf('openai');
    const said = JSON.stringify({ error: { message: 'Invalid size.', type: 'invalid_request_error', param: 'size' } });
    rig.upstream.answer(jsonOf(said, 400));
    const { status, text } = await wish(rig, WISH);
    expect([status, text]).toEqual([400, said]);
  });

  it('is told when an answer is no picture, and nothing is charged', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(jsonOf('{"choices":[]}'));
    expect((await wish(rig, WISH)).status).toBe(502);
    expect(await closedEvent(rig)).toMatchObject({ source: 'void' });
  });
});

describe('limits and prices of pictures', () => {
  const PRICE = { version: 1, inputMicros: 0, outputMicros: 0, cacheReadMicros: 0, cacheWrite5mMicros: 0 };
  const price = { ...PRICE, cacheWrite1hMicros: 0, reasoningMicros: null, audioMicros: null, imageMicros: 20_000 };
  const models = [aModel({ name: 'painter', class: 'image', price })];

  it('count pictures, not calls, and what came of them', async () => {
    const keys = [aKey({ limits: { perDay: { image: 4 } } })];
    const rig = await rigOf('openai', { models, keys });
    rig.upstream.answer(drawnBy([PICTURE, pngOf(8)]));
    const first = await wish(rig, { ...WISH, n: 3 });
    expect([first.json.data.length, first.headers['x-sluice-warnings']]).toEqual([2, '2 of 3 images were made']);
    await closedEvent(rig);
    const tooMany = await wish(rig, { ...WISH, n: 3 });
    expect([tooMany.status, tooMany.json.error.code]).toEqual([429, 'daily_quota_exceeded']);
    expect((await wish(rig, { ...WISH, n: 2 })).status).toBe(200);
    expect(rig.upstream.requests).toHaveLength(2);
  });

  it('hold the price of each picture and charge those that were made', async () => {
    const keys = [aKey({ limits: { budgetMicrosPerMonth: 60_000 } })];
    const rig = await rigOf('openai', { models, keys });
    rig.upstream.answer(drawnBy([PICTURE]));
    expect((await wish(rig, { ...WISH, n: 4 })).status).toBe(429);
    expect((await wish(rig, { ...WISH, n: 3 })).status).toBe(200);
    const charged = [...rig.usage.rows.values()].map(({ closing }) => closing?.costMicros);
    expect(charged.reduce((sum, cost) => (sum ?? 0) + (cost ?? 0), 0)).toBe(20_000);
  });

  it('do not bill the body’s bytes as words', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const data = `data:image/png;base64,${Buffer.concat([pngOf(1), Buffer.alloc(300_000)]).toString('base64')}`;
    await wish(rig, { ...WISH, image: data }, { path: '/v1/images/edits' });
    expect([...rig.usage.rows.values()][0]?.inputEstimate).toBeLessThan(2_000);
  });
});

describe('the method of pictures', () => {
  it.each([
    ['legacy', 'legacy'],
    ['new_method', 'imagine_ws_experimental'],
    ['imagine_ws', 'imagine_ws_experimental'],
    ['whatever', 'legacy'],
  ])('is told for %s as %s', async (imageGenerationMethod, told) => {
    const rig = await rigOf('openai', { settings: { imageGenerationMethod } });
    const { status, json } = await call(rig, { method: 'GET', path: '/v1/images/method' });
    expect([status, json]).toEqual([200, { image_generation_method: told }]);
  });

  it('that shows pictures as they come gives bytes to those who do not say how', async () => {
    const rig = await rigOf('openai', { settings: { imageGenerationMethod: 'experimental' } });
    rig.upstream.answer(drawnBy([PICTURE]));
    expect((await wish(rig, WISH)).json.data[0].b64_json).toBe(PICTURE.toString('base64'));
  });
});
