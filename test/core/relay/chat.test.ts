import { chatBody, chatEvents, jsonOf, streamOf, USAGE } from '../../support/fake-upstream.ts';
import { aKey, aModel, aUser, call, CHAT, closedEvent, SECRET, startRig, type Rig } from './rig.ts';

describe('a chat completion', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('goes to the upstream byte for byte but for the model, and comes back as it is', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const body =
      '{ "seed" : 12345678901234567890, "model":"public","messages":[{"role":"user","content":"h\\u00e9 😀"}],"__proto__":{"x":1} }';
    const answer = await call(rig, { body });

    expect(answer.status).toBe(200);
    expect(answer.text).toBe(chatBody('Hello'));
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    const [seen] = rig.upstream.requests;
    expect(seen?.path).toBe('/v1/chat/completions');
    expect(seen?.headers.authorization).toBe('Bearer secret-of-a');
    expect(seen?.headers['accept-encoding']).toBe('identity');
    expect(seen?.body).toBe(body.replace('"public"', '"up"'));
  });

  it('is written down with disjoint parts and the exact cost', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    await call(rig, { headers: { 'user-agent': 'OpenAI/JS 7.55.0', 'x-request-id': 'mine-1' } });

    const closing = await closedEvent(rig);
    expect(closing).toMatchObject({
      source: 'reported',
      upstream: 'first',
      credential: 'a',
      servedModel: 'up',
      status: 200,
      error: null,
      parts: { input: 15, cacheRead: 5, output: 6, reasoning: 4, images: 0, audio: 0 },
      // 15 × 1 + 5 × 0.1 + 10 × 2 = 35.5, half up
      costMicros: 36,
    });
    expect(closing.attempts).toEqual([expect.objectContaining({ status: 200, error: null, credential: 'a' })]);
    const [event] = rig.usage.rows.values();
    expect(event).toMatchObject({ model: 'public', clientApp: 'OpenAI/JS', clientRequestId: 'mine-1', stream: false });
  });

  it('costs what its route costs, under the version of that price', async () => {
    const model = aModel();
    const own = { ...model.price!, version: 2, inputMicros: 3_000_000, outputMicros: 4_000_000, requestMicros: 1_000 };
    rig = await startRig({ models: [{ ...model, routes: [{ ...model.routes[0]!, price: own }] }] });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    await call(rig, { body: { model: 'public', max_tokens: 1_000, messages: [{ role: 'user', content: 'h' }] } });
    // 15 × 3 + 5 × 0.1 + 10 × 4 + 1 000 = 1 085.5, half up
    expect(await closedEvent(rig)).toMatchObject({ costMicros: 1_086, priceVersion: 2 });
    const [event] = rig.usage.rows.values();
    expect(event?.priceVersion).toBe(1);
  });

  it('is not begun when the dearest of its routes costs more than what is left', async () => {
    const model = aModel();
    const [route] = model.routes;
    const routes = [route!, { ...route!, priority: 1, price: { ...model.price!, version: 2, requestMicros: 1_000 } }];
    const keys = [aKey({ limits: { budgetMicrosPerMonth: 500 } })];
    rig = await startRig({ models: [{ ...model, routes }], keys });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const body = { model: 'public', max_tokens: 20, messages: [{ role: 'user', content: 'h' }] };
    expect((await call(rig, { body })).status).toBe(429);
    expect(rig.upstream.requests).toEqual([]);
  });

  it('echoes a valid request id of the client and always tells ours', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const mine = await call(rig, { headers: { 'x-request-id': 'mine-1' } });
    const odd = await call(rig, { headers: { 'x-request-id': 'not <valid>' } });
    const [first, second] = [...rig.usage.rows.keys()].toSorted();

    expect(mine.headers['x-request-id']).toBe('mine-1');
    expect([first, second]).toContain(mine.headers['x-sluice-request-id']);
    expect(odd.headers['x-request-id']).toBe(odd.headers['x-sluice-request-id']);
    expect(mine.headers['x-sluice-build']).toBe('build-1');
    expect(mine.headers['server-timing']).toMatch(
      /^auth;dur=[\d.]+, route;dur=[\d.]+, admit;dur=[\d.]+, upstream;dur=/,
    );
    expect(mine.headers['x-sluice-upstream']).toBeUndefined();
  });

  it("tells administrators' keys who served them", async () => {
    rig = await startRig({ users: [aUser({ role: 'admin' })] });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const answer = await call(rig);
    expect(answer.headers).toMatchObject({
      'x-sluice-upstream': 'first',
      'x-sluice-credential': 'a',
      'x-sluice-attempts': '1',
    });
  });

  it('is the same under its alias and with x-api-key', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const headers = { authorization: '', 'x-api-key': SECRET };
    const answer = await call(rig, { path: '/api/v1/chat/completions', headers });
    expect(answer.status).toBe(200);
  });

  it('counts with the tokenizer when the upstream does not report', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('one two three', null)));
    await call(rig);
    const closing = await closedEvent(rig);
    expect(closing).toMatchObject({ source: 'estimated', status: 200 });
    // 3 around the message, 3 to begin the answer, 1 for the role, 3 for the text
    expect(closing.parts).toMatchObject({ input: 10, output: 3 });
  });

  it('passes a body on as it comes once it is larger than what is held', async () => {
    rig = await startRig();
    const large = chatBody('x'.repeat(600 * 1024));
    rig.upstream.answer(jsonOf(large));
    const answer = await call(rig);
    expect(answer.text).toBe(large);
    expect(answer.headers['content-length']).toBeUndefined();
    expect((await closedEvent(rig)).source).toBe('reported');
  });
});

describe('a streamed chat completion', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const stream = { ...CHAT, stream: true };

  it('asks for a usage report and hides it from a client that did not', async () => {
    rig = await startRig();
    const events = chatEvents(['one ', 'two']);
    rig.upstream.answer(streamOf(events));
    const answer = await call(rig, { body: stream });

    expect(answer.headers['content-type']).toMatch('text/event-stream');
    expect(answer.headers['cache-control']).toBe('no-cache, no-transform');
    expect(answer.text).toBe(events.filter((event) => !event.includes('"usage"')).join(''));
    expect(JSON.parse(rig.upstream.requests[0]!.body).stream_options).toEqual({ include_usage: true });
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: { input: 15, output: 6 }, status: 200 });
  });

  it('shows the report to a client that asked, byte for byte', async () => {
    rig = await startRig();
    const events = chatEvents(['one ', 'two']);
    rig.upstream.answer(streamOf(events));
    const answer = await call(rig, { body: { ...stream, stream_options: { include_usage: true } } });
    expect(answer.text).toBe(events.join(''));
  });

  it('keeps other stream options', async () => {
    rig = await startRig();
    rig.upstream.answer(streamOf(chatEvents(['one'])));
    await call(rig, { body: { ...stream, stream_options: { include_obfuscation: false } } });
    const sent = JSON.parse(rig.upstream.requests[0]!.body);
    expect(sent.stream_options).toEqual({ include_obfuscation: false, include_usage: true });
  });

  it('marks the end when the upstream finished and forgot to', async () => {
    rig = await startRig();
    rig.upstream.answer(streamOf(chatEvents(['one']).slice(0, -1)));
    const answer = await call(rig, { body: stream });
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', error: null });
  });

  it('takes a last event without its empty line for whole when the upstream ended in order', async () => {
    rig = await startRig();
    rig.upstream.answer(streamOf([...chatEvents(['one']).slice(0, -1), 'data: [DONE]']));
    const answer = await call(rig, { body: stream });
    expect(answer.text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('never lets an upstream that just stops look complete', async () => {
    rig = await startRig();
    rig.upstream.answer(streamOf(chatEvents(['one ', 'two']).slice(0, 3)));
    const answer = await call(rig, { body: stream });
    expect(answer.text).not.toContain('[DONE]');
    expect(JSON.parse(answer.text.trim().split('\n\n').at(-1)!.slice(6)).error.code).toBe('upstream_cut');
    expect(await closedEvent(rig)).toMatchObject({ source: 'partial', error: 'upstream_cut', parts: { output: 2 } });
  });

  it('passes an error inside the stream on as the last word', async () => {
    rig = await startRig();
    const error = 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n';
    rig.upstream.answer(streamOf([...chatEvents(['one']).slice(0, 2), error]));
    const answer = await call(rig, { body: stream });
    expect(answer.text.endsWith(error)).toBe(true);
    expect(await closedEvent(rig)).toMatchObject({ source: 'partial', error: 'upstream_error', parts: { output: 1 } });
  });

  it('sends the end marker before the figures are written and ends behind them', async () => {
    let write = (): void => undefined;
    const written = new Promise<void>((resolve) => {
      write = resolve;
    });
    rig = await startRig({
      usage: (stored) => ({
        openEvent: stored.openEvent,
        closeEvent: async (...given) => {
          await written;
          return stored.closeEvent(...given);
        },
      }),
    });
    rig.upstream.answer(streamOf(chatEvents(['one'])));
    let sawMarker = false;
    const answer = await call(rig, {
      body: stream,
      onData(text) {
        if (text.includes('[DONE]') && !sawMarker) {
          sawMarker = true;
          expect([...rig.usage.rows.values()][0]?.phase).toBe('open');
          write();
        }
        return undefined;
      },
    });
    expect(answer.broken).toBe(false);
    expect([...rig.usage.rows.values()][0]?.phase).toBe('closed');
  });

  it('survives any cut of the bytes into packets', async () => {
    rig = await startRig();
    const text = chatEvents(['né 😀 ', '漢字']).join('').replaceAll('\n', '\r\n');
    const bytes = Buffer.from(text);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
      bytes.subarray(index * 7, index * 7 + 7),
    );
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'text/event-stream' } },
      ...pieces.map((write) => ({ write })),
    ]);
    const answer = await call(rig, { body: { ...stream, stream_options: { include_usage: true } } });
    expect(answer.text).toBe(text);
    expect(await closedEvent(rig)).toMatchObject({ source: 'reported', parts: { input: USAGE.prompt_tokens - 5 } });
  });

  it('prices nothing for a model without a price', async () => {
    rig = await startRig({ models: [aModel({ price: null })] });
    rig.upstream.answer(streamOf(chatEvents(['one'])));
    await call(rig, { body: stream });
    expect((await closedEvent(rig)).costMicros).toBe(0);
  });
});
