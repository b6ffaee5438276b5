import { createOriginGuard } from '@sluice/aws/lambda/origin-guard';
import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest, PlainResponse, Sink } from '@sluice/kit/http/exchange';
import { createManualScheduler } from '../../support/manual-scheduler.ts';
import { functionUrlEvent, installFakeLambda, invoke, type EventOptions } from './fake-lambda.ts';

installFakeLambda();
// middy asks for the global when it is loaded.
const { createPlainHandler, createStreamedHandler } = await import('@sluice/aws/lambda/door');

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const secret = { current: 'now', previous: 'before' };
const door = {
  logger,
  originSecret: { read: async () => secret, readAgain: async () => secret },
  encodeError: ({ path }: { path: string }, error: GatewayError): PlainResponse => ({
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-sluice-request-id': 'r1' },
    body: JSON.stringify({ path, code: error.code }),
  }),
};
const through = { 'x-sluice-origin-secret': 'now' };

function eventThrough(options: EventOptions = {}): object {
  return functionUrlEvent({ ...options, headers: { ...through, ...options.headers } });
}

describe('the door of a function', () => {
  const seen: PlainRequest[] = [];
  const handler = createPlainHandler({
    ...door,
    async handle(request) {
      seen.push(request);
      return { status: 201, headers: { 'x-a': 'b', 'set-cookie': ['a=1; Path=/', 'b=2'] }, body: 'hello' };
    },
  });
  beforeEach(() => {
    seen.length = 0;
  });

  it.each([undefined, '', 'wrong', 'no', 'nowx'])('stays shut for the origin secret %j', async (given) => {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-sluice-origin-secret': given };
    const answer = await invoke(handler, functionUrlEvent({ path: '/v1/x', headers })).done;
    expect(answer).toMatchObject({ statusCode: 403, body: '{"path":"/v1/x","code":"origin_refused"}', ended: true });
    expect(answer.headers['x-sluice-request-id']).toBe('r1');
    expect(seen).toHaveLength(0);
  });

  it.each(['now', 'before'])('opens for the secret %j', async (given) => {
    const answer = await invoke(handler, functionUrlEvent({ headers: { 'x-sluice-origin-secret': given } })).done;
    expect(answer).toMatchObject({ statusCode: 201, body: 'hello', ended: true });
  });

  it('gives the request as it was sent: cookies, base64 bodies, text, the viewer’s address', async () => {
    const bytes = Buffer.from([0, 255, 128]);
    await invoke(handler, eventThrough({ path: '/a%20b', query: 'x=1', cookies: ['a=1', 'b=2'], body: bytes })).done;
    await invoke(handler, eventThrough({ body: 'é😀', headers: { 'x-sluice-viewer-ip': '203.0.113.9' } })).done;
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/a%20b',
      query: 'x=1',
      body: bytes,
      clientAddress: '198.51.100.1',
      headers: { cookie: 'a=1; b=2' },
    });
    expect(seen[1]).toMatchObject({ clientAddress: '203.0.113.9' });
    expect(seen[1]?.body.toString()).toBe('é😀');
  });

  it('knows the viewer’s address from the CDN alone, whatever else the request says of it', async () => {
    const claims = { 'x-forwarded-for': '192.0.2.66', 'x-real-ip': '192.0.2.66', forwarded: 'for=192.0.2.66' };
    await invoke(handler, eventThrough({ headers: { ...claims, 'x-sluice-viewer-ip': '203.0.113.9' } })).done;
    await invoke(handler, eventThrough({ headers: claims })).done;
    expect(seen.map(({ clientAddress }) => clientAddress)).toEqual(['203.0.113.9', '198.51.100.1']);
  });

  it('sends cookies one by one beside the headers', async () => {
    const answer = await invoke(handler, eventThrough()).done;
    expect(answer.cookies).toEqual(['a=1; Path=/', 'b=2']);
    expect(answer.headers).toEqual({ 'x-a': 'b' });
  });

  it('sends no body to HEAD, and bytes as they are', async () => {
    expect((await invoke(handler, eventThrough({ method: 'HEAD' })).done).body).toBe('');
    const binary = createPlainHandler({
      ...door,
      handle: async () => ({ status: 200, headers: {}, body: Buffer.from('bytes') }),
    });
    expect((await invoke(binary, eventThrough()).done).body).toBe('bytes');
  });

  it('says what was thrown in the language of the path, and nothing of an unexpected error', async () => {
    const failing = createPlainHandler({ ...door, handle: () => Promise.reject(new Error('table name')) });
    const answer = await invoke(failing, eventThrough({ path: '/api/x' })).done;
    expect(answer).toMatchObject({ statusCode: 500, body: '{"path":"/api/x","code":"internal_error"}' });
  });

  it('hands invocations to onInvoke, and lets them fail as invocations do', async () => {
    const invoked = createPlainHandler({
      ...door,
      handle: () => Promise.reject(new Error('never')),
      onInvoke: async (payload) => {
        if ((payload as { action: string }).action !== 'go') throw new Error('unknown action');
        return { done: true };
      },
    });
    expect((await invoke(invoked, { action: 'go' }).done).body).toBe('{"done":true}');
    await expect(invoke(invoked, { action: 'stop' }).done).rejects.toThrow('unknown action');
    await expect(invoke(handler, { action: 'go' }).done).rejects.toThrow('URL only');
  });
});

describe('a streamed answer', () => {
  const streamed = (handle: (request: PlainRequest, sink: Sink) => Promise<void>) =>
    createStreamedHandler({ ...door, handle });

  it('sends the prelude with the head, bytes as they come, and closes the body at the end only', async () => {
    const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const { stream, done } = invoke(
      streamed(async (_request, sink) => {
        sink.head(200, { 'content-type': 'text/event-stream', 'content-length': '5' });
        await steps[0].promise;
        await sink.write(Buffer.from('data'));
        await steps[1].promise;
        await sink.end();
      }),
      eventThrough(),
    );
    while (!stream.preludeSent) await new Promise(setImmediate);
    expect(stream.prelude).toEqual({ statusCode: 200, headers: { 'content-type': 'text/event-stream' } });
    expect(stream.text).toBe('');
    steps[0].resolve();
    while (stream.text !== 'data') await new Promise(setImmediate);
    expect(stream.writableEnded).toBe(false);
    steps[1].resolve();
    expect(await done).toMatchObject({ body: 'data', ended: true });
  });

  it('carries an answer without a body', async () => {
    const handler = streamed(async (_request, sink) => {
      sink.head(204, {});
      await sink.end();
    });
    expect(await invoke(handler, eventThrough()).done).toMatchObject({ statusCode: 204, body: '', ended: true });
  });

  it('breaks off what must not pass for complete', async () => {
    const destroyed = streamed(async (_request, sink) => {
      sink.head(200, {});
      await sink.write(Buffer.from('half'));
      sink.destroy();
    });
    await expect(invoke(destroyed, eventThrough()).done).rejects.toThrow('broken off');
    const thrown = streamed(async (_request, sink) => {
      sink.head(200, {});
      await sink.write(Buffer.from('half'));
      throw new Error('late');
    });
    await expect(invoke(thrown, eventThrough()).done).rejects.toThrow('broken off');
  });

  it('that breaks off leaves the runtime its stream, and tells it when everything is settled', async () => {
    const settling = Promise.withResolvers<void>();
    const told: string[] = [];
    const { stream, done } = invoke(
      streamed(async (_request, sink) => {
        sink.head(200, {});
        await sink.write(Buffer.from('half'));
        sink.destroy();
        await settling.promise;
        told.push('settled');
      }),
      eventThrough(),
    );
    const failing = done.catch((error: unknown) => told.push(String(error)));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(told).toEqual([]);
    settling.resolve();
    await failing;
    expect(told).toEqual(['settled', expect.stringContaining('broken off')]);
    // The runtime ends it itself, with the failure in its trailers.
    expect(stream).toMatchObject({ destroyed: false, writableEnded: false });
  });

  it('is an error where the handler throws before its head, or never answers', async () => {
    const throwing = streamed(() => Promise.reject(new Error('early')));
    expect((await invoke(throwing, eventThrough()).done).statusCode).toBe(500);
    const silent = streamed(async () => undefined);
    expect((await invoke(silent, eventThrough()).done).statusCode).toBe(500);
  });

  it('holds the writer back while nobody reads', async () => {
    let written = 0;
    const { stream, done } = invoke(
      streamed(async (_request, sink) => {
        sink.head(200, {});
        for (; written < 200; written += 1) await sink.write(Buffer.alloc(64 * 1024));
        await sink.end();
      }),
      eventThrough(),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.readable = promise;
    for (let turn = 0; turn < 500; turn += 1) await new Promise(setImmediate);
    expect(written).toBeLessThan(10);
    resolve();
    await done;
    expect(written).toBe(200);
  });
});

describe('the origin guard', () => {
  it('reads the secret again for one that it does not know, and not for every one', async () => {
    const time = createManualScheduler();
    let stored = { current: 'old' };
    let reads = 0;
    const source = {
      read: async () => ({ current: 'old' }),
      readAgain: async () => {
        reads += 1;
        return stored;
      },
    };
    const guard = createOriginGuard(source, time);
    const present = (value: string): Promise<void> => guard({ 'x-sluice-origin-secret': value });
    await expect(present('new')).rejects.toMatchObject({ code: 'origin_refused' });
    stored = { current: 'new' };
    await expect(present('new')).rejects.toMatchObject({ code: 'origin_refused' });
    expect(reads).toBe(1);
    time.advance(30_000);
    await expect(present('new')).resolves.toBeUndefined();
    expect(reads).toBe(2);
  });
});
