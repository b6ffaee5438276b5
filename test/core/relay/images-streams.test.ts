import { jsonOf, type Step } from '../../support/fake-upstream.ts';
import { createManualScheduler } from '../../support/manual-scheduler.ts';
import {
  drawnBy,
  drawnByGemini,
  eventsOf,
  jsonBody,
  keptAt,
  PICTURE,
  pngOf,
  readEvents,
  startImageRig,
  wish,
  WISH,
  type ImageRig,
} from './images-rig.ts';
import { createMemoryMedia } from '../../support/memory-media.ts';
import { aCredential, aKey, aModel, call, closedEvent, NOW, until } from './rig.ts';

const rigs: ImageRig[] = [];

async function rigOf(...[way, options]: Parameters<typeof startImageRig>): Promise<ImageRig> {
  const rig = await startImageRig(way, options);
  rigs.push(rig);
  return rig;
}

afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
});

const STREAM = { ...WISH, stream: true };

function partial(bytes: Buffer, place: number, family = 'image_generation') {
  return {
    type: `${family}.partial_image`,
    b64_json: bytes.toString('base64'),
    partial_image_index: place,
    quality: 'low',
  };
}

function completed(bytes: Buffer, family = 'image_generation') {
  const usage = { total_tokens: 7, input_tokens: 3, output_tokens: 4 };
  return { type: `${family}.completed`, b64_json: bytes.toString('base64'), created_at: 1_700_000_001, usage };
}

describe('streams of pictures', () => {
  it('tell unfinished pictures as they come, then the finished one, which is kept', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(eventsOf([partial(pngOf(1), 0), partial(pngOf(2), 1), completed(PICTURE)]));
    const { status, headers, text } = await wish(rig, { ...STREAM, partial_images: 2 });
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(text).not.toContain('[DONE]');
    const events = readEvents(text);
    expect(events.map(({ event, data }) => [event, data.type, data.b64_json])).toEqual([
      ['image_generation.partial_image', 'image_generation.partial_image', pngOf(1).toString('base64')],
      ['image_generation.partial_image', 'image_generation.partial_image', pngOf(2).toString('base64')],
      ['image_generation.completed', 'image_generation.completed', PICTURE.toString('base64')],
    ]);
    expect(events.map(({ data }) => data.progress)).toEqual([33, 67, undefined]);
    expect(events[1]?.data).toMatchObject({ partial_image_index: 1, index: 0, quality: 'low' });
    expect(events[2]?.data.usage).toMatchObject({ total_tokens: 7, output_tokens: 4 });
    expect([...rig.objects.kept.values()].map(({ bytes }) => bytes)).toEqual([PICTURE]);
    expect(jsonBody(rig.upstream.requests[0]!)).toMatchObject({ stream: true, partial_images: 2 });
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: { images: 1, imageOutput: 4 } });
  });

  it('give the address in place of bytes where the client wants addresses', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(eventsOf([partial(pngOf(1), 0), completed(PICTURE)]));
    const [first, second] = readEvents((await wish(rig, { ...STREAM, response_format: 'url' })).text);
    expect(first?.data).toMatchObject({ url: '', index: 0, progress: 50 });
    expect(keptAt(rig, second?.data.url)).toEqual(PICTURE);
    expect(first?.data.b64_json ?? second?.data.b64_json).toBeUndefined();
  });

  it.each(['xai', 'gemini'] as const)(
    'tell each finished picture of an upstream that has no streams: %s',
    async (way) => {
      const rig = await rigOf(way);
      rig.upstream.answer(way === 'xai' ? drawnBy([PICTURE, pngOf(9)]) : drawnByGemini([PICTURE]));
      const events = readEvents((await wish(rig, { ...STREAM, n: 2 })).text);
      expect(events.map(({ event, data }) => [event, data.index])).toEqual([
        ['image_generation.completed', 0],
        ['image_generation.completed', 1],
      ]);
    },
  );

  it('of edits have the names that OpenAI’s SDKs know', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(eventsOf([partial(pngOf(1), 0, 'image_edit'), completed(PICTURE, 'image_edit')]));
    const image = `data:image/png;base64,${pngOf(3).toString('base64')}`;
    const { text } = await wish(rig, { ...STREAM, image }, { path: '/v1/images/edits' });
    expect(readEvents(text).map(({ data }) => data.type)).toEqual(['image_edit.partial_image', 'image_edit.completed']);
  });

  it.each([
    ['an upstream that refuses', jsonOf('{"error":{"message":"Not this size."}}', 400), 'bad_request'],
    [
      'what will not be drawn',
      jsonOf('{"error":{"message":"Rejected by our safety system."}}', 400),
      'content_policy_violation',
    ],
    ['an event of failure', eventsOf([{ type: 'error', error: { message: 'Out of paint.' } }]), 'upstream_error'],
    ['an upstream that breaks off', [...eventsOf([partial(pngOf(1), 0)]), { cut: true } as const], 'upstream_cut'],
  ])('tell %s in the stream, under 200', async (_what, answer, code) => {
    const rig = await rigOf('openai');
    rig.upstream.answer(answer);
    const { status, text } = await wish(rig, STREAM);
    const last = readEvents(text).at(-1);
    expect([status, last?.event, last?.data.error.code]).toEqual([200, 'image_generation.error', code]);
    expect(last?.data.message).toBe(last?.data.error.message);
  });

  it('are refused with a status before anybody is asked', async () => {
    const rig = await rigOf('openai', { keys: [aKey({ limits: { perDay: { image: 0 } } })] });
    const { status, json } = await wish(rig, STREAM);
    expect([status, json.error.code]).toEqual([429, 'daily_quota_exceeded']);
  });

  it('are kept alive while the upstream draws', async () => {
    const scheduler = createManualScheduler();
    const rig = await rigOf('openai', { scheduler });
    const { promise: drawn, resolve: draw } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: drawn }, ...drawnBy([PICTURE])]);
    let seen = '';
    const asking = call(rig, {
      path: '/v1/images/generations',
      body: STREAM,
      onData: (text) => void (seen = text) as undefined,
    });
    await until(() => rig.upstream.requests.length === 1);
    scheduler.advance(20_000);
    await until(() => seen !== '');
    expect(seen).toBe(': ping\n\n');
    draw();
    expect(readEvents((await asking).text)).toHaveLength(1);
  });
});

describe('what becomes of a broken answer', () => {
  it('pictures that came whole are told, and charged', async () => {
    const rig = await rigOf('openai');
    const whole = `{"created":1,"data":[{"b64_json":"${PICTURE.toString('base64')}"},{"b64_json":"AAAA`;
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'application/json', 'content-length': '100000' } },
      { write: whole },
      { cut: true },
    ]);
    const { status, json, headers } = await wish(rig, { ...WISH, n: 2 });
    expect([status, json.data.length]).toEqual([200, 1]);
    expect(keptAt(rig, json.data[0].url)).toEqual(PICTURE);
    expect(headers['x-sluice-warnings']).toBe('1 of 2 images were made');
    expect(rig.objects.kept.size).toBe(1);
    expect(await closedEvent(rig)).toMatchObject({ parts: { images: 1 } });
  });

  const TWO = { credentials: [aCredential('first', 'a'), aCredential('first', 'b')] };
  it.each<[string, Step[]]>([
    ['breaks off', [{ head: 200, headers: { 'content-type': 'application/json' } }, { write: '{"da' }, { cut: true }]],
    ['is broken off before it says anything', [{ cut: true }]],
    ['comes too late for what stands before the upstream', jsonOf('{"error":{"message":"Too late."}}', 504)],
  ])('an answer that %s sends nobody else to draw, since the first may have drawn', async (_what, steps) => {
    const rig = await rigOf('openai', TWO);
    rig.upstream.answer(steps);
    const { status, headers } = await wish(rig, WISH);
    expect([status >= 500, headers['x-should-retry']]).toEqual([true, 'false']);
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('a refusal does send somebody else', async () => {
    const rig = await rigOf('openai', TWO);
    let calls = 0;
    rig.upstream.answer(() => ((calls += 1) === 1 ? jsonOf('{"error":{"message":"Busy."}}', 429) : drawnBy([PICTURE])));
    expect((await wish(rig, WISH)).status).toBe(200);
    expect(calls).toBe(2);
  });

  it('of several calls those that brought something are told, and counted', async () => {
    const rig = await rigOf('gemini', { keys: [aKey({ limits: { perDay: { image: 3 } } })] });
    let calls = 0;
    rig.upstream.answer(() =>
      (calls += 1) === 2 ? jsonOf('{"error":{"message":"Oops."}}', 500) : drawnByGemini([PICTURE]),
    );
    const { status, json, headers } = await wish(rig, { ...WISH, n: 3 });
    expect([status, json.data.length, headers['x-sluice-warnings']]).toEqual([200, 2, '2 of 3 images were made']);
    expect(await closedEvent(rig)).toMatchObject({ parts: { images: 2, imageOutput: 2580 }, status: 200 });
    rig.upstream.answer(drawnByGemini([PICTURE]));
    expect((await wish(rig, { ...WISH, n: 2 })).status).toBe(429);
    expect((await wish(rig, WISH)).status).toBe(200);
  });

  it('calls of one request that go to one credential take from its limits once', async () => {
    const credentials = [aCredential('first', 'a', { limits: { requestsPerMinute: 5, perDay: { image: 3 } } })];
    const rig = await rigOf('gemini', { credentials });
    rig.upstream.answer(drawnByGemini([PICTURE]));
    expect((await wish(rig, { ...WISH, n: 3, concurrency: 3 })).json.data).toHaveLength(3);
    await closedEvent(rig);
    const account = await rig.accounts.read('credential:crd_a', { consistent: true });
    expect(account?.holds).toEqual({});
    expect(Object.entries(account?.counters ?? {}).filter(([name]) => name.startsWith('img#'))).toEqual([
      [expect.stringMatching(/^img#u#/), 3],
    ]);
    expect((await wish(rig, WISH)).status).toBe(503);
  });

  it('a client that leaves while it is drawn ends the call, and is charged no picture', async () => {
    const scheduler = createManualScheduler();
    const rig = await rigOf('openai', { scheduler });
    rig.upstream.answer([{ hang: true }]);
    const asking = call(rig, { path: '/v1/images/generations', body: STREAM, onData: () => 'leave' });
    await until(() => rig.upstream.requests.length === 1);
    scheduler.advance(20_000);
    await asking;
    await rig.upstream.requests[0]?.aborted;
    expect(await closedEvent(rig)).toMatchObject({ status: 499, parts: { images: 0, imageOutput: 0 } });
  });

  it('a picture that is too large to be kept is the upstream’s fault', async () => {
    const { media, uploads } = createMemoryMedia({ mostBytes: 1_000, clock: () => NOW });
    const rig = await rigOf('openai', { deps: { media, uploads } });
    rig.upstream.answer(drawnBy([Buffer.concat([PICTURE, Buffer.alloc(2_000)])]));
    const { status, json } = await wish(rig, WISH);
    expect([status, json.error.code]).toEqual([502, 'upstream_error']);
    expect(json.error.message).toMatch(/cannot be kept/);
  });

  it('a picture that cannot be kept is told as ours to blame, and costs nothing', async () => {
    const openUpload = (): Promise<never> => Promise.reject(new Error('not asked'));
    const write = (): Promise<never> => Promise.reject(new Error('The bucket is gone'));
    const rig = await rigOf('openai', { deps: { media: { write, openUpload, reopen: openUpload } } });
    rig.upstream.answer(drawnBy([PICTURE]));
    expect((await wish(rig, WISH)).status).toBe(500);
    expect(await closedEvent(rig)).toMatchObject({ source: 'void', costMicros: 0 });
  });
});

describe('a conversation with a model that draws', () => {
  const TURN = { model: 'painter', messages: [{ role: 'user', content: 'a cat with a hat' }] };
  const HEADERS = { 'x-forwarded-host': 'images.example' };
  const LINK = /^!\[image\]\((https:\/\/images\.example\/images\/[^)]+)\)$/;

  it.each(['openai', 'xai', 'gemini'] as const)('answers with the picture as a link: %s', async (way) => {
    const rig = await rigOf(way);
    rig.upstream.answer(way === 'gemini' ? drawnByGemini([PICTURE]) : drawnBy([PICTURE]));
    const { status, json } = await call(rig, { body: TURN, headers: HEADERS });
    expect(status).toBe(200);
    const { message, finish_reason } = json.choices[0];
    expect(finish_reason).toBe('stop');
    expect(keptAt(rig, LINK.exec(message.content)?.[1] ?? '')).toEqual(PICTURE);
    expect(json.model).toBe('painter');
  });

  it('says what the model said beside the picture', async () => {
    const rig = await rigOf('gemini');
    rig.upstream.answer(drawnByGemini([PICTURE], 'Here you are.'));
    const { json } = await call(rig, { body: TURN, headers: HEADERS });
    expect(json.choices[0].message.content).toMatch(/^Here you are\.\n\n!\[image\]\(https:/);
  });

  it('streams', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const { text } = await call(rig, { body: { ...TURN, stream: true }, headers: HEADERS });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const content = text
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).choices[0]?.delta?.content ?? '')
      .join('');
    expect(content).toMatch(LINK);
  });

  it('leads to one wish: the last turn plain, those before it with who said them', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const messages = [
      { role: 'system', content: 'Draw in ink.' },
      { role: 'user', content: 'a cat' },
      { role: 'assistant', content: 'Here: ![image](https://images.example/images/1/a.png)' },
      { role: 'user', content: 'with a hat' },
    ];
    await call(rig, { body: { ...TURN, messages } });
    expect(jsonBody(rig.upstream.requests[0]!)).toMatchObject({
      prompt: 'system: Draw in ink.\n\nuser: a cat\n\nassistant: Here:\n\nwith a hat',
      n: 1,
    });
  });

  it('is an edit where the user sent pictures', async () => {
    const rig = await rigOf('xai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const url = `data:image/png;base64,${pngOf(1).toString('base64')}`;
    const content = [
      { type: 'text', text: 'with a hat' },
      { type: 'image_url', image_url: { url } },
    ];
    await call(rig, { body: { ...TURN, messages: [{ role: 'user', content }] } });
    expect(rig.upstream.requests[0]?.path).toBe('/v1/images/edits');
    expect(jsonBody(rig.upstream.requests[0]!).image).toEqual({ url, type: 'image_url' });
  });

  it('is led as it is with Gemini, which draws in conversations', async () => {
    const rig = await rigOf('gemini');
    rig.upstream.answer(drawnByGemini([PICTURE]));
    const messages = [{ role: 'user', content: 'a cat' }, { role: 'assistant', content: 'A cat.' }, ...TURN.messages];
    await call(rig, { body: { ...TURN, messages } });
    const sent = jsonBody(rig.upstream.requests[0]!);
    expect(sent.contents.map(({ role }: { role: string }) => role)).toEqual(['user', 'model', 'user']);
    expect(sent.generationConfig.responseModalities).toEqual(['TEXT', 'IMAGE']);
  });

  it('costs two units of the quota of images, and one picture’s price', async () => {
    const price = { ...aModel().price!, inputMicros: 0, outputMicros: 0, cacheReadMicros: 0, imageMicros: 20_000 };
    const models = [aModel({ name: 'painter', class: 'image', price })];
    const rig = await rigOf('openai', { models, keys: [aKey({ limits: { perDay: { image: 3 } } })] });
    rig.upstream.answer(drawnBy([PICTURE]));
    expect((await call(rig, { body: TURN })).status).toBe(200);
    expect(await closedEvent(rig)).toMatchObject({ costMicros: 20_000, parts: { images: 1 } });
    expect((await call(rig, { body: TURN })).status).toBe(429);
    expect((await wish(rig, WISH)).status).toBe(200);
  });

  it('passes to an upstream that converses, for two units', async () => {
    const rig = await rigOf('chat', { keys: [aKey({ limits: { perDay: { image: 3 } } })] });
    const message = { role: 'assistant', content: '![a](https://a.example/b.png)' };
    const answer = { id: 'chatcmpl-1', choices: [{ index: 0, message, finish_reason: 'stop' }] };
    rig.upstream.answer(jsonOf(JSON.stringify(answer)));
    expect((await call(rig, { body: TURN })).json).toEqual(answer);
    expect(rig.upstream.requests[0]?.path).toBe('/v1/chat/completions');
    await closedEvent(rig);
    expect((await call(rig, { body: TURN })).status).toBe(429);
  });

  it('gives a Gemini client the bytes in their place', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(drawnBy([PICTURE]));
    const { json } = await call(rig, {
      path: '/v1beta/models/painter:generateContent',
      body: { contents: [{ role: 'user', parts: [{ text: 'a cat' }] }] },
    });
    expect(json.candidates[0].content.parts[0].inlineData).toEqual({
      mimeType: 'image/png',
      data: PICTURE.toString('base64'),
    });
  });

  it('passes between a Gemini client and Gemini as it is', async () => {
    const rig = await rigOf('gemini');
    rig.upstream.answer(drawnByGemini([PICTURE], 'Here.'));
    const body = { contents: [{ role: 'user', parts: [{ text: 'a cat' }] }] };
    const { json } = await call(rig, { path: '/v1beta/models/painter:generateContent', body });
    expect(json.candidates[0].content.parts[1].inlineData.data).toBe(PICTURE.toString('base64'));
    expect(jsonBody(rig.upstream.requests[0]!)).toEqual(body);
    expect(rig.objects.kept.size).toBe(0);
    expect((await closedEvent(rig)).parts).toMatchObject({ images: 1, imageOutput: 1290 });
  });

  it('keeps its connection alive while it is drawn, and is answered all the same', async () => {
    const scheduler = createManualScheduler();
    const rig = await rigOf('openai', { scheduler });
    const { promise: drawn, resolve: draw } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: drawn }, ...drawnBy([PICTURE])]);
    let seen = '';
    const asking = call(rig, { body: TURN, headers: HEADERS, onData: (text) => void (seen = text) as undefined });
    await until(() => rig.upstream.requests.length === 1);
    scheduler.advance(100_000);
    await until(() => seen !== '');
    expect(seen.trim()).toBe('');
    draw();
    const { status, json, headers } = await asking;
    expect([status, headers['x-should-retry']]).toEqual([200, 'false']);
    expect(json.choices[0].message.content).toMatch(LINK);
  });

  it('tells a failure as conversations are told', async () => {
    const rig = await rigOf('openai');
    rig.upstream.answer(jsonOf('{"error":{"message":"Blocked by our content policy."}}', 400));
    const { status, json } = await call(rig, { body: TURN });
    expect([status, json.error.code]).toEqual([400, 'content_policy_violation']);
  });
});
