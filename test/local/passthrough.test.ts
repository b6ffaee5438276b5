import { describe, expect, test } from '@jest/globals';
import { APIError } from 'openai';
import { importInto, marker, openAiClient, receivedWith, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';

const ready = sharedStack();
const client = openAiClient(ready);

function post(body: string): Promise<Response> {
  const headers = { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' };
  return fetch(`${ready.url}/v1/chat/completions`, { method: 'POST', headers, body });
}

/** The answer without what differs between two calls. */
const steady = (text: string): string =>
  text.replaceAll(/chatcmpl-\w+/g, 'chatcmpl').replaceAll(/"created":\d+/g, '"created":0');

/** The chunks of a stream without what differs between two calls, and without usage. */
const events = (text: string): unknown[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => {
      const {
        id: _id,
        created: _created,
        usage: _usage,
        ...chunk
      } = JSON.parse(event.slice(6)) as Record<string, unknown>;
      return chunk;
    });

describe('a body of the same format', () => {
  test('reaches the upstream byte by byte: order, spacing, big numbers, escapes, unknown fields', async () => {
    const mark = marker();
    const body =
      `{ "x_unknown" : {"z":1,"a":[1.0, 1e5, -0]},\n\t"seed": 12345678901234567890, "model":"sandbox-chat",` +
      `"temperature":0.30000000000000004,"messages":[{"content":"caf\\u00e9 é 😀 \\/ ${mark}","role":"user",` +
      `"name":"n"}],"__proto__":{"polluted":true},"metadata":{"b":"2","a":"1"}}`;
    expect((await post(body)).status).toBe(200);
    const received = await receivedWith(ready, mark);
    expect(received.map((entry) => entry.body)).toEqual([body]);
  });

  test('changes in the model name alone when the route names another model', async () => {
    const mark = marker();
    const routes = [{ upstream: 'sandbox', model: 'sandbox-chat--words-3' }];
    await importInto(ready, { version: 1, models: [{ name: 'passthrough-renamed', routes }] });
    const body = `{"seed":98765432109876543210,  "model" : "passthrough-renamed","messages":[{"role":"user","content":"${mark}"}]}`;
    const answer = await post(body);
    expect(answer.status).toBe(200);
    const received = await receivedWith(ready, mark);
    expect(received.map((entry) => entry.body)).toEqual([body.replace('passthrough-renamed', 'sandbox-chat--words-3')]);
  });

  test('gains only the usage option when it streams without asking for usage', async () => {
    const mark = marker();
    const body = `{"big":12345678901234567890,"stream":true,"model":"sandbox-chat--words-5","messages":[{"role":"user","content":"${mark}"}]}`;
    await (await post(body)).text();
    const [entry] = await receivedWith(ready, mark);
    expect(entry?.body).toContain('"big":12345678901234567890,"stream":true,"model":"sandbox-chat--words-5"');
    const { stream_options: options, ...rest } = JSON.parse(entry?.body ?? '{}') as Record<string, unknown>;
    expect(options).toEqual({ include_usage: true });
    expect(rest).toEqual(JSON.parse(body));
  });

  test('is left alone when it streams and asks for usage', async () => {
    const mark = marker();
    const body = `{"stream_options":{"include_usage":true},"stream":true,"model":"sandbox-chat--words-5","messages":[{"role":"user","content":"${mark}"}]}`;
    await (await post(body)).text();
    expect((await receivedWith(ready, mark)).map((entry) => entry.body)).toEqual([body]);
  });
});

describe('the answer of the same format', () => {
  test('is the upstream’s, byte by byte, but for ids and times', async () => {
    const body = JSON.stringify({ model: 'sandbox-chat', messages: userSays('Bytes, please'), n: 2 });
    const headers = { authorization: 'Bearer sk-sandbox-upstream-credential' };
    const direct = await fetch(`${ready.sandboxUrl}/v1/chat/completions`, { method: 'POST', headers, body });
    const relayed = await post(body);
    expect(steady(await relayed.text())).toBe(steady(await direct.text()));
  });

  test('is the upstream’s in a stream too, without the usage that was not asked for', async () => {
    const body = JSON.stringify({ model: 'sandbox-chat', messages: userSays('A stream of bytes'), stream: true });
    const headers = { authorization: 'Bearer sk-sandbox-upstream-credential' };
    const direct = await fetch(`${ready.sandboxUrl}/v1/chat/completions`, { method: 'POST', headers, body });
    const relayed = await post(body);
    expect(relayed.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const text = await relayed.text();
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(events(text)).toEqual(events(await direct.text()));
  });
});

describe('credentials', () => {
  test('are the upstream’s own; the caller’s key and our headers do not go there', async () => {
    const mark = marker();
    await client.chat.completions.create({ model: 'sandbox-chat', messages: userSays(mark) });
    const [entry] = await receivedWith(ready, mark);
    expect(entry?.headers['authorization']).toBe(`Bearer …${'sk-sandbox-upstream-credential'.slice(-4)}`);
    expect(JSON.stringify(entry)).not.toContain(ready.apiKey);
    const names = Object.keys(entry?.headers ?? {});
    expect(names.filter((name) => name.startsWith('x-sluice') || name === 'cookie')).toEqual([]);
  });
});

describe('a stream', () => {
  test('of words 100 ms apart arrives word by word through the CDN', async () => {
    const model = 'sandbox-chat--delay-100--words-5';
    const arrivals: number[] = [];
    const stream = await client.chat.completions.create({ model, messages: userSays('Slowly'), stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) arrivals.push(performance.now());
    }
    expect(arrivals).toHaveLength(5);
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
    // A busy machine may bunch one pair; a buffer anywhere on the way would bunch them all.
    expect(gaps.filter((gap) => gap >= 60).length).toBeGreaterThanOrEqual(3);
  });

  test('that the upstream cuts ends in an error for the SDK, never as a clean end', async () => {
    const request = { model: 'sandbox-chat--cut-5', messages: userSays('Cut me'), stream: true as const };
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of await client.chat.completions.create(request)) {
        seen.push(chunk.choices[0]?.delta.content ?? '');
      }
    })();
    await expect(reading).rejects.toBeInstanceOf(APIError);
    expect(seen.join('')).not.toBe('');
    const raw = await (await post(JSON.stringify(request))).text();
    expect(raw).not.toContain('[DONE]');
    const last = raw.trimEnd().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.replace(/^(event: error\n)?data: /, ''))).toMatchObject({
      error: { code: 'upstream_cut', message: expect.any(String) },
    });
  });

  test('in which the upstream reports an error hands that error on', async () => {
    const request = { model: 'sandbox-chat--error-event-3', messages: userSays('Fail me'), stream: true as const };
    const reading = (async () => {
      for await (const _ of await client.chat.completions.create(request));
    })();
    await expect(reading).rejects.toBeInstanceOf(APIError);
  });

  test('is not taken for complete when a whole answer is cut', async () => {
    const request = { model: 'sandbox-chat--cut-5', messages: userSays('Cut me whole') };
    await expect(client.chat.completions.create(request)).rejects.toBeInstanceOf(Error);
  });
});
