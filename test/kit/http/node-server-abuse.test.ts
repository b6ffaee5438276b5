import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { PlainRequest, Sink } from '@sluice/kit/http/exchange';
import { createNodeServer, type NodeServerOptions } from '@sluice/kit/http/node-server';
import { createErrorEncoder } from '@sluice/kit/http/path-envelopes';
import { listen, stop } from '../../support/fake-upstream.ts';

type Handle = (request: PlainRequest, sink: Sink) => Promise<void>;

const MAX_BODY = 1_000;

const echo: Handle = async (request, sink) => {
  const body = Buffer.from(
    JSON.stringify({ method: request.method, path: request.path, body: request.body.toString() }),
  );
  sink.head(200, { 'content-length': String(body.length) });
  await sink.write(body);
  await sink.end();
};

describe('the plain Node adapter under clients that mean ill', () => {
  let server: Server;
  let port: number;
  const start = async (handle: Handle, timeouts: NodeServerOptions['timeouts'] = {}): Promise<void> => {
    const encodeError = createErrorEncoder({
      clock: Date.now,
      buildId: 'b',
      publicApiPrefix: null,
      unreadPath: '/v1/',
    });
    server = createNodeServer({ handle, maxBodyBytes: MAX_BODY, encodeError, timeouts });
    await listen(server);
    port = (server.address() as AddressInfo).port;
  };
  afterEach(() => stop(server));

  /** Sends these bytes, leaves its own side open, and tells what came back before the server closed. */
  const raw = (text: string, each?: (socket: Socket, so: string) => void): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
      let answer = '';
      socket.setEncoding('latin1').on('data', (piece) => {
        answer += String(piece);
        each?.(socket, answer);
      });
      socket.on('error', () => undefined).on('close', () => resolve(answer));
    });

  const head = (path: string, more = '', method = 'POST'): string =>
    `${method} ${path} HTTP/1.1\r\nhost: a\r\n${more}\r\n`;
  const CLOSE = 'connection: close\r\n';
  const chunked = 'transfer-encoding: chunked\r\n';

  const FAULTS: [title: string, bytes: string, status: number][] = [
    [
      'length and chunks together',
      `${head('/P', `content-length: 5\r\n${chunked}`)}0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n`,
      400,
    ],
    ['two different lengths', `${head('/P', 'content-length: 5\r\ncontent-length: 6\r\n')}abcdef`, 400],
    ['a length that is no number', `${head('/P', 'content-length: 5x\r\n')}abcde`, 400],
    ['a transfer coding that hides the end', `${head('/P', 'transfer-encoding: chunked, identity\r\n')}0\r\n\r\n`, 400],
    ['a transfer coding that is not known', `${head('/P', 'transfer-encoding: gzip, chunked\r\n')}0\r\n\r\n`, 400],
    ['a chunk size that is no number', `${head('/P', chunked)}zz\r\n\r\n`, 400],
    ['a space before the colon', head('/P', 'content-length : 5\r\n'), 400],
    ['a header folded onto a second line', head('/P', 'x-a: b\r\n c: d\r\n'), 400],
    ['a bare line feed in a header', head('/P', 'x-a: b\nx-c: d\r\n'), 400],
    ['no host', 'GET /P HTTP/1.1\r\n\r\n', 400],
    ['an expectation that nobody knows', head('/P', 'expect: a-miracle\r\ncontent-length: 0\r\n'), 417],
    ['a head that is too large', head('/P', `x-large: ${'x'.repeat(40_000)}\r\n`), 431],
    ['an address that is too long', head(`/P?${'x'.repeat(40_000)}`), 431],
    [
      'more headers than fit',
      head('/P', Array.from({ length: 6_000 }, (_, index) => `x${index}: y\r\n`).join('')),
      431,
    ],
    ['a body that is too large', `${head('/P', `${CLOSE}content-length: 1001\r\n`)}`, 413],
    ['a body that grows too large', `${head('/P', chunked)}${`64\r\n${'x'.repeat(100)}\r\n`.repeat(11)}0\r\n\r\n`, 413],
    ['a body that never ends', `${head('/P', chunked)}${`3e8\r\n${'x'.repeat(1_000)}\r\n`.repeat(6)}`, 413],
  ];
  const PATHS: [path: string, shape: RegExp][] = [
    ['/v1/chat/completions', /\{"error":\{"message":"[^"]+","type":"\w+","param":null,"code":"\w+"\}\}$/],
    ['/v1/messages', /\{"type":"error","error":\{"type":"\w+","message":"[^"]+"\},"request_id":"\w{16}"\}$/],
    [
      '/v1beta/models/m:generateContent',
      /\{"error":\{"code":\d+,"message":"[^"]+","status":"[A-Z_]+","details":\[.*\]\}\}$/,
    ],
    ['/api/chat', /\{"success":false,"error":"[^"]+"\}$/],
  ];

  it.each(
    FAULTS.flatMap(([title, bytes, status]) =>
      PATHS.map(([path, shape]) => [title, path, bytes, status, shape] as const),
    ),
  )(
    '%s on %s is refused as JSON in its dialect, with ids, and the connection ends',
    async (title, path, bytes, status, shape) => {
      const reached: string[] = [];
      await start(async (request, sink) => {
        reached.push(request.path);
        await echo(request, sink);
      });
      const answer = await raw(bytes.replace('/P', path));
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer).toMatch(/\r\nx-sluice-request-id: \w{16}\r\n/);
      expect(answer).toMatch(/\r\ncontent-type: application\/json/);
      // A head that came in several pieces has no path that could be read any more.
      expect(answer).toMatch(status === 431 ? /\{.*"(?:message|error)":"[^"]+".*\}$/ : shape);
      expect({ title, reached }).toEqual({ title, reached: [] });
    },
  );

  it('a tunnel is refused in words', async () => {
    await start(echo);
    expect(await raw('CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 405 [^]*"code":"method_not_allowed"/,
    );
  });

  it('TRACE, odd methods, bytes that are no UTF-8 and whole URLs are requests like others', async () => {
    await start(echo);
    expect(await raw(head('/v1/x', CLOSE, 'TRACE'))).toContain('{"method":"TRACE","path":"/v1/x","body":""}');
    expect(await raw(head('/v1/%ff%fe', `x-odd: \xff\xfe\r\n${CLOSE}`, 'GET'))).toContain('"path":"/v1/%ff%fe"');
    expect(await raw(head('http://evil.example/v1/x?y', CLOSE, 'GET'))).toContain('"path":"/v1/x"');
    expect(await raw(head('*', CLOSE, 'OPTIONS'))).toContain('"path":"*"');
  });

  it('answers to requests sent ahead come in order, one worked on at a time', async () => {
    let running = 0;
    let most = 0;
    await start(async (request, sink) => {
      running += 1;
      most = Math.max(most, running);
      // The first ones take the most turns of the loop.
      for (let turn = 0; turn < 60 - Number(request.path.slice(1)) * 10; turn += 1) await new Promise(setImmediate);
      await echo(request, sink);
      running -= 1;
    });
    const bodies = [1, 2, 3, 4, 5].map(
      (n) => `${head(`/${n}`, n === 5 ? `${CLOSE}content-length: 1\r\n` : 'content-length: 1\r\n')}${n}`,
    );
    const answer = await raw(bodies.join(''));
    expect([...answer.matchAll(/"path":"\/(\d)","body":"(\d)"/g)].map((match) => match[1])).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    expect(most).toBe(1);
  });

  it('a flood sent ahead is cut off: few are worked on, one is told, the connection ends', async () => {
    let worked = 0;
    await start(async (request, sink) => {
      worked += 1;
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      await echo(request, sink);
    });
    const answer = await raw(head('/v1/x', '', 'GET').repeat(5_000));
    expect(worked).toBeGreaterThan(1);
    expect(worked).toBeLessThan(50);
    expect([...answer.matchAll(/HTTP\/1\.1 200/g)]).toHaveLength(worked);
    expect(answer).toMatch(/HTTP\/1\.1 429 [^]*connection: close[^]*"code":"rate_limit_exceeded"/);
  });

  it('requests that wait are forgotten when their client leaves', async () => {
    const worked: string[] = [];
    let began = (): void => undefined;
    const begun = new Promise<void>((resolve) => (began = resolve));
    let noticed = (): void => undefined;
    const notice = new Promise<void>((resolve) => (noticed = resolve));
    await start(async (request, sink) => {
      worked.push(request.path);
      sink.gone.addEventListener('abort', () => noticed());
      began();
      await notice;
      await echo(request, sink);
    });
    const socket = connect(port, '127.0.0.1', () => socket.write(head('/1', '', 'GET') + head('/2', '', 'GET')));
    await begun;
    socket.destroy();
    await notice;
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(worked).toEqual(['/1']);
  });

  it.each([
    ['head', 'POST /v1/messages HTTP/1.1\r\nhost: a\r\nx-slow: ', 'x'],
    ['body', head('/v1/messages', 'content-length: 900\r\n'), 'x'],
    ['chunked body', head('/v1/messages', chunked), '1\r\nx\r\n'],
  ])('a %s that trickles in is given up, in words', async (_title, first, piece) => {
    await start(echo, { headersMs: 150, requestMs: 300, checkMs: 50 });
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(first));
      timer = setInterval(() => socket.write(piece), 20);
      let text = '';
      socket.setEncoding('latin1').on('data', (got) => (text += String(got)));
      socket.on('error', () => undefined).on('close', () => resolve(text));
    });
    clearInterval(timer);
    expect(answer).toMatch(
      /^HTTP\/1\.1 408 [^]*x-sluice-request-id: \w{16}[^]*"(?:code|type)":"(?:request_timeout|timeout_error)"/,
    );
  });

  it('a slow request that is being answered is not cut by those limits', async () => {
    await start(
      async (request, sink) => {
        sink.head(200, { 'content-length': '2' });
        await sink.write(Buffer.from('a'));
        await new Promise((resolve) => setTimeout(resolve, 600));
        await sink.write(Buffer.from('b'));
        await sink.end();
        expect(request.path).toBe('/slow');
      },
      { headersMs: 100, requestMs: 200, checkMs: 50 },
    );
    const answer = await fetch(`http://127.0.0.1:${port}/slow`, { method: 'POST', body: 'x' });
    expect(await answer.text()).toBe('ab');
  });
});
