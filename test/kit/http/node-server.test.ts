import { Agent, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { PlainRequest, Sink } from '@sluice/kit/http/exchange';
import { createNodeServer } from '@sluice/kit/http/node-server';
import { listen, stop } from '../../support/fake-upstream.ts';

type Handle = (request: PlainRequest, sink: Sink) => Promise<void>;

const echo: Handle = async (request, sink) => {
  sink.head(200, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] });
  await sink.write(Buffer.from(JSON.stringify({ ...request, body: request.body.toString() })));
  await sink.end();
};

describe('the plain Node adapter', () => {
  let server: Server;
  let port: number;
  const start = async (handle: Handle): Promise<void> => {
    server = createNodeServer({
      handle,
      maxBodyBytes: 1_000,
      clientAddressHeader: 'x-viewer',
      encodeError: ({ path }, error) => ({
        status: error.status,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ path, code: error.code }),
      }),
    });
    await listen(server);
    port = (server.address() as AddressInfo).port;
  };
  afterEach(() => stop(server));

  /** What a raw connection answers to these bytes. */
  const raw = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.setEncoding('latin1').on('data', (piece) => (answer += piece));
      socket.on('error', () => undefined).on('close', () => resolve(answer));
    });

  it('gives method, path, query, headers, body and address as they were sent', async () => {
    await start(echo);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/a%20b?x=%31&y`, {
      method: 'POST',
      headers: { 'X-Viewer': '203.0.113.9', 'X-Odd': 'é' },
      body: 'hello',
    });
    expect(await answer.json()).toMatchObject({
      method: 'POST',
      path: '/v1/a%20b',
      query: 'x=%31&y',
      body: 'hello',
      clientAddress: '203.0.113.9',
      headers: { 'x-odd': 'é' },
    });
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('takes a request without a body, with one in chunks, and a whole URL as its target', async () => {
    await start(echo);
    const answer = await raw(
      'GET http://any.example/v1/x?q=1 HTTP/1.1\r\nhost: a\r\n\r\n' +
        'POST /v1/y HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect(answer).toContain('"path":"/v1/x","query":"q=1"');
    expect(answer).toContain('"body":"abcde"');
  });

  it.each([
    ['that says so', `connection: close\r\ncontent-length: 1001\r\n\r\n`],
    ['that says that it is endless', `content-length: 5000000000\r\n\r\n`],
    ['that does not', `transfer-encoding: chunked\r\n\r\n400\r\n${'x'.repeat(1024)}\r\n0\r\n\r\n`],
  ])('refuses a body %s and is too large, in the language of the path', async (_title, rest) => {
    await start(echo);
    const answer = await raw(`POST /v1/x?y HTTP/1.1\r\nhost: a\r\n${rest}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(answer).toContain('{"path":"/v1/x","code":"body_too_large"}');
  });

  it('asks for a body that the client holds back, and not for one that is too large', async () => {
    await start(echo);
    const head = (bytes: number): string =>
      `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: ${bytes}\r\n\r\n`;
    expect(await raw(`${head(3)}abc`)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    expect(await raw(head(1001))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('says headers that are too large, and what is not HTTP, as JSON', async () => {
    await start(echo);
    const large = await raw(`GET / HTTP/1.1\r\nhost: a\r\nx-large: ${'x'.repeat(80 * 1024)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 [^]*"code":"headers_too_large"/);
    expect(await raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*"code":"bad_request"/);
  });

  it('tells when the client went away, and not when the answer just ended', async () => {
    const gone: string[] = [];
    let began = (): void => undefined;
    const begun = new Promise<void>((resolve) => (began = resolve));
    let noticed = (): void => undefined;
    const notice = new Promise<void>((resolve) => (noticed = resolve));
    await start(async (request, sink) => {
      sink.gone.addEventListener('abort', () => {
        gone.push(request.path);
        noticed();
      });
      sink.head(200, {});
      await sink.write(Buffer.from('x'));
      if (request.path === '/stay') return sink.end();
      began();
    });
    await (await fetch(`http://127.0.0.1:${port}/stay`)).text();
    const leaving = httpRequest({ port, path: '/leave', agent: new Agent() }).on('error', () => undefined);
    leaving.end();
    await begun;
    leaving.destroy();
    await notice;
    expect(gone).toEqual(['/leave']);
  });

  it('waits for a slow reader, and stops waiting when it leaves', async () => {
    let written = 0;
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    await start(async (_request, sink) => {
      sink.head(200, {});
      while (!sink.gone.aborted && written < 1_000) {
        await sink.write(Buffer.alloc(64 * 1024));
        written += 1;
      }
      finish();
    });
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
    socket.pause();
    for (let turn = 0; turn < 2_000; turn += 1) await new Promise(setImmediate);
    expect(written).toBeLessThan(500);
    socket.destroy();
    await finished;
    expect(written).toBeLessThan(500);
  });

  it('breaks the connection where a body must not look complete', async () => {
    await start(async (_request, sink) => {
      sink.head(200, {});
      await sink.write(Buffer.from('half'));
      sink.destroy();
    });
    const answer = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
    await expect(answer).rejects.toThrow();
  });

  it('answers 500 for a handler that throws before its head, and breaks off behind it', async () => {
    await start(async (request, sink) => {
      if (request.path === '/late') {
        sink.head(200, {});
        await sink.write(Buffer.from('x'));
      }
      throw new Error('secret detail');
    });
    const early = await fetch(`http://127.0.0.1:${port}/early`);
    expect(early.status).toBe(500);
    expect(await early.text()).toBe('{"path":"/early","code":"internal_error"}');
    await expect(fetch(`http://127.0.0.1:${port}/late`).then((answer) => answer.text())).rejects.toThrow();
  });
});
