import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createUpstreamClient, type UpstreamCall, type UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import { jsonOf, listen, startFakeUpstream, stop, type FakeUpstream } from '../../support/fake-upstream.ts';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

function callTo(origin: string, change: Partial<UpstreamCall> = {}): UpstreamCall {
  return {
    origin,
    path: '/v1/x?y=1',
    method: 'POST',
    headers: { 'x-a': 'b' },
    body: Buffer.from('hello'),
    proxyUrl: null,
    allowedNetworks: LOOPBACK,
    ...change,
  };
}

async function readAll(exchange: UpstreamExchange): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = exchange.take();
    if (chunk) text += chunk.toString();
    else if (exchange.finished || exchange.failure) return text;
    else await exchange.changed();
  }
}

/** Serves so many requests on a connection and then breaks it without an answer; notes each one's place on its own. */
async function startForgetful({ way, served = 1 }: { way: string; served?: number }) {
  const seen: number[] = [];
  const places = new WeakMap<object, number>();
  const server = createServer((request, response) => {
    const { socket } = request;
    const place = (places.get(socket) ?? 0) + 1;
    places.set(socket, place);
    seen.push(place);
    if (place <= served) response.end('served');
    else if (way === 'end') socket.end();
    else socket.resetAndDestroy();
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen, close: () => stop(server) };
}

describe('a call to an upstream', () => {
  let upstream: FakeUpstream;
  let client: UpstreamClient;
  let origin: string;
  beforeEach(async () => {
    upstream = await startFakeUpstream(jsonOf('{"ok":true}'));
    origin = new URL(upstream.baseUrl).origin;
    client = createUpstreamClient({ connectTimeoutMs: 2_000 });
  });
  afterEach(async () => {
    await Promise.all([client.close(), upstream.close()]);
  });

  it('brings status, headers and body', async () => {
    const exchange = client.open(callTo(origin));
    expect(await readAll(exchange)).toBe('{"ok":true}');
    expect(exchange).toMatchObject({ status: 200, started: true, finished: true, failure: null });
    expect(exchange.headers['content-type']).toBe('application/json');
    expect(upstream.requests[0]).toMatchObject({
      path: '/v1/x?y=1',
      body: 'hello',
      headers: { 'x-a': 'b', 'accept-encoding': 'identity' },
    });
  });

  it('uses its connection again', async () => {
    const ports = new Set<number | undefined>();
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    await listen(server);
    const { port } = server.address() as AddressInfo;
    for (let round = 0; round < 3; round += 1) {
      await readAll(client.open(callTo(`http://127.0.0.1:${port}`)));
      await new Promise(setImmediate);
    }
    await client.close();
    await stop(server);
    expect(ports.size).toBe(1);
  });

  it('is broken off at once by abort, before and after the answer began', async () => {
    upstream.answer([{ head: 200 }, { write: 'first' }, { hang: true }]);
    const exchange = client.open(callTo(origin));
    while (exchange.status === 0) await exchange.changed();
    exchange.abort(new Error('enough'));
    await upstream.requests[0]!.aborted;
    expect(exchange.failure?.message).toBe('enough');
    expect(exchange.take()).toBeNull();

    const early = client.open(callTo(origin));
    early.abort(new Error('never mind'));
    await early.changed();
    expect(early.failure?.message).toBe('never mind');
  });

  it('asks the upstream to wait while its bytes are not taken', async () => {
    const block = 'x'.repeat(64 * 1024);
    upstream.answer([{ head: 200 }, ...Array.from({ length: 200 }, () => ({ write: block }))]);
    const exchange = client.open(callTo(origin));
    for (let turn = 0; turn < 2_000; turn += 1) await new Promise(setImmediate);
    let waiting = 0;
    for (let chunk = exchange.take(); chunk; chunk = exchange.take()) waiting += chunk.length;
    expect(waiting).toBeLessThan(1024 * 1024);
    expect(waiting + (await readAll(exchange)).length).toBe(200 * block.length);
  });

  it('says what was never sent apart from what was broken', async () => {
    const refused = client.open(callTo('http://127.0.0.1:1'));
    await readAll(refused);
    expect(refused).toMatchObject({ started: false, status: 0, failure: { code: 'ECONNREFUSED' } });
    upstream.answer([{ cut: true }]);
    const cut = client.open(callTo(origin));
    await readAll(cut);
    expect(cut).toMatchObject({ started: true, status: 0 });
    expect(cut.failure).not.toBeNull();
  });

  it('goes to no address outside the public Internet unless it is allowed, whatever way it is written', async () => {
    for (const host of ['127.0.0.1', '[::1]', 'localhost', '[::ffff:127.0.0.1]', '169.254.169.254']) {
      const exchange = client.open(callTo(`http://${host}:${new URL(origin).port}`, { allowedNetworks: [] }));
      await readAll(exchange);
      expect(exchange).toMatchObject({ started: false, failure: { code: 'SLUICE_ADDRESS_REFUSED' } });
    }
    expect(upstream.requests).toHaveLength(0);
  });

  it('carries no credential by plain HTTP over the public Internet', async () => {
    const exchange = client.open(callTo('http://93.184.215.14', { allowedNetworks: LOOPBACK }));
    await readAll(exchange);
    expect(exchange).toMatchObject({ started: false, failure: { code: 'SLUICE_ADDRESS_REFUSED' } });
  });

  it('leaves kept connections behind when the rules change', async () => {
    await readAll(client.open(callTo(origin)));
    const exchange = client.open(callTo(origin, { allowedNetworks: [] }));
    await readAll(exchange);
    expect(exchange.failure).toMatchObject({ code: 'SLUICE_ADDRESS_REFUSED' });
    expect(upstream.requests).toHaveLength(1);
  });

  it.each(['end', 'reset'])('is sent once more when a kept connection turns out closed, by %s', async (way) => {
    const server = await startForgetful({ way });
    const { url } = server;
    expect(await readAll(client.open(callTo(url)))).toBe('served');
    await new Promise(setImmediate);
    const again = client.open(callTo(url));
    expect(await readAll(again)).toBe('served');
    expect(again).toMatchObject({ status: 200, failure: null });
    expect(server.seen).toEqual([1, 2, 1]);
    await Promise.all([client.close(), server.close()]);
  });

  it('is sent once only when a new connection breaks, or a kept one breaks late', async () => {
    const server = await startForgetful({ way: 'end', served: 0 });
    const broken = client.open(callTo(server.url));
    await readAll(broken);
    expect(broken).toMatchObject({ started: true, status: 0 });
    expect(server.seen).toEqual([1]);

    const late = await startForgetful({ way: 'end' });
    const patient = createUpstreamClient({ connectTimeoutMs: 2_000, idleRaceMs: 0 });
    await readAll(patient.open(callTo(late.url)));
    await new Promise(setImmediate);
    const second = patient.open(callTo(late.url));
    await readAll(second);
    expect(second.failure).not.toBeNull();
    expect(late.seen).toEqual([1, 2]);
    await Promise.all([client.close(), patient.close(), server.close(), late.close()]);
  });

  it('resolves names and connects to what it checked', async () => {
    const exchange = client.open(callTo(origin.replace('127.0.0.1', 'localhost')));
    expect(await readAll(exchange)).toBe('{"ok":true}');
  });
});

describe('a call through a proxy', () => {
  it('goes through it, and nowhere when it is broken', async () => {
    const upstream = await startFakeUpstream(jsonOf('{"ok":true}'));
    const target = new URL(upstream.baseUrl);
    const proxied: string[] = [];
    const proxy = createServer((request, response) => {
      proxied.push(request.url ?? '');
      request.pipe(
        httpRequest(request.url ?? '', { method: request.method, headers: request.headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    proxy.on('connect', (request, socket) => {
      proxied.push(request.url ?? '');
      const onward = connect(Number(target.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
    });
    await listen(proxy);
    const { port } = proxy.address() as AddressInfo;
    const client = createUpstreamClient({ connectTimeoutMs: 2_000 });
    expect(await readAll(client.open(callTo(target.origin, { proxyUrl: `http://127.0.0.1:${port}` })))).toBe(
      '{"ok":true}',
    );
    expect(proxied).toHaveLength(1);

    const broken = client.open(callTo(target.origin, { proxyUrl: 'http://127.0.0.1:1' }));
    await readAll(broken);
    expect(broken.failure).not.toBeNull();
    expect(upstream.requests).toHaveLength(1);
    await Promise.all([client.close(), stop(proxy), upstream.close()]);
  });
});
