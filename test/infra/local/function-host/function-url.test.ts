import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFunctionUrl } from '../../../../infra/local/function-host/function-url.ts';
import type { FunctionSettings } from '../../../../infra/local/function-host/messages.ts';
import { installAwsLambdaGlobal, type Handler } from '../../../../infra/local/function-host/response-stream.ts';

interface Stream extends NodeJS.WritableStream {
  writableNeedDrain: boolean;
}
type StreamingHandler = (
  event: { rawPath: string },
  stream: Stream,
  context: { getRemainingTimeInMillis(): number },
) => Promise<void>;
interface AwsLambda {
  streamifyResponse(handler: StreamingHandler): Handler;
  HttpResponseStream: { from(stream: Stream, prelude: unknown): Stream };
}

installAwsLambdaGlobal();
const { awslambda } = globalThis as unknown as { awslambda: AwsLambda };
let servers: Server[] = [];
let logged: string[] = [];

afterEach(() => {
  for (const server of servers) server.close().closeAllConnections();
  servers = [];
  logged = [];
});

async function serve(handler: Handler, timeoutMs = 5000): Promise<string> {
  const settings = { functionName: 'f', functionArn: 'arn', memoryMegabytes: 128, timeoutMs, domainName: 'f.on.aws' };
  const url = createFunctionUrl({ handler, settings: settings as FunctionSettings, log: (line) => logged.push(line) });
  const server = createServer((request, response) => void url(request, response));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function streaming(work: (stream: Stream) => Promise<void> | void, prelude: unknown = { statusCode: 200 }): Handler {
  return awslambda.streamifyResponse(async (_event, raw) => {
    await work(awslambda.HttpResponseStream.from(raw, prelude));
  });
}

/** Unlike `end(text)`, a write sends the head first. */
function finish(stream: Stream, text: string): void {
  stream.write(text);
  stream.end();
}

async function open(url: string): Promise<IncomingMessage> {
  const request = httpRequest(url).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

describe('a streaming handler', () => {
  test('sends status, headers and cookies with its first write', async () => {
    const prelude = { statusCode: 201, headers: { 'x-a': '1' }, cookies: ['a=1', 'b=2; Path=/'] };
    const url = await serve(streaming((stream) => finish(stream, 'body'), prelude));
    const response = await fetch(url);
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([201, '1', 'body']);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Path=/']);
  });

  test('sends its head with an empty write, long before the body', async () => {
    const release = Promise.withResolvers<void>();
    const url = await serve(
      streaming(async (stream) => {
        stream.write('');
        await release.promise;
        stream.write('later');
        stream.end();
      }),
    );
    const response = await open(url);
    expect(response.statusCode).toBe(200);
    release.resolve();
    expect(Buffer.concat(await response.toArray()).toString()).toBe('later');
  });

  test('reaches the client chunk by chunk, as written', async () => {
    const received: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()];
    const url = await serve(
      streaming(async (stream) => {
        for (const [index, step] of received.entries()) {
          stream.write(`chunk ${index}`);
          await step.promise;
        }
        stream.end();
      }),
    );
    const response = await open(url);
    const chunks: string[] = [];
    for await (const chunk of response) received[chunks.push(String(chunk)) - 1]?.resolve();
    expect(chunks).toEqual(['chunk 0', 'chunk 1']);
  });

  test('is held back by a client that does not read', async () => {
    const held = Promise.withResolvers<number>();
    const url = await serve(
      streaming(async (stream) => {
        let written = 0;
        const chunk = Buffer.alloc(1024 * 1024);
        const full = setTimeout(() => held.resolve(written), 400);
        for (; written < 200; written += 1) if (!stream.write(chunk)) await once(stream, 'drain');
        clearTimeout(full);
        held.resolve(written);
        stream.end();
      }),
    );
    const response = await open(url);
    response.pause();
    expect(await held.promise).toBeLessThan(100);
    response.destroy();
  });

  test('is not told that its client has left, and goes on writing', async () => {
    const left = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<string>();
    const url = await serve(
      streaming(async (stream) => {
        stream.on('close', () => finished.resolve('told')).on('error', () => finished.resolve('failed'));
        stream.write('first');
        await left.promise;
        for (let index = 0; index < 100; index += 1)
          if (!stream.write(Buffer.alloc(65_536))) await once(stream, 'drain');
        finished.resolve('wrote it all');
        stream.end();
      }),
    );
    const response = await open(url);
    response.destroy();
    await once(response, 'close');
    left.resolve();
    expect(await finished.promise).toBe('wrote it all');
  });

  test('that throws before its first write is a 502 in Lambda’s words, and is logged', async () => {
    const url = await serve(
      streaming(() => {
        throw new RangeError('no');
      }),
    );
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([502, 'Internal Server Error']);
    expect(JSON.parse(logged[0] ?? '{}')).toMatchObject({ errorType: 'RangeError', errorMessage: 'no' });
  });

  test('that throws after its first write ends the body, with nothing added', async () => {
    const url = await serve(
      streaming((stream) => {
        stream.write('first');
        throw new Error('late');
      }),
    );
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([200, 'first']);
  });

  test('that ends without a write has never sent its head, which is a 502', async () => {
    const url = await serve(streaming((stream) => void stream.end(), { statusCode: 204 }));
    expect((await fetch(url)).status).toBe(502);
  });

  test('that goes over the template’s time-out is cut: 502 before the first write, a broken body after it', async () => {
    const silent = await serve(
      streaming(() => new Promise<void>(() => undefined)),
      100,
    );
    expect((await fetch(silent)).status).toBe(502);
    expect(logged[0]).toContain('Task timed out after 0.10 seconds');
    const url = await serve(
      streaming((stream) => void stream.write('first')),
      100,
    );
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
  });

  test('that writes without a prelude answers 200 with plain bytes', async () => {
    const url = await serve(awslambda.streamifyResponse(async (_event, raw) => finish(raw, 'x')));
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  });
});

describe('a buffered handler', () => {
  test('answers its status, headers, cookies and decoded body', async () => {
    const result = { statusCode: 202, headers: { 'x-a': '1' }, cookies: ['a=1'], body: 'aGk=', isBase64Encoded: true };
    const response = await fetch(await serve(async () => result));
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([202, '1', 'hi']);
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
  });
});

/** A body without a stated length. */
function ofUnknownLength(): ReadableStream {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(new Uint8Array(7 * 1024 * 1024));
      controller.close();
    },
  });
}

describe('a body over the event limit', () => {
  test('is refused in AWS’s words before the handler runs, with and without a stated length', async () => {
    let calls = 0;
    const url = await serve(async () => (calls += 1));
    for (const init of [
      { body: new Uint8Array(5 * 1024 * 1024) },
      { body: ofUnknownLength(), duplex: 'half' as const },
    ]) {
      const response = await fetch(url, { method: 'POST', ...init });
      expect(response.status).toBe(413);
      expect(await response.json()).toEqual({ Message: expect.stringContaining('6291456 bytes') });
    }
    expect(calls).toBe(0);
  });
});
