import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postGuarded } from '../../../layers/kit/http/guarded-post.ts';
import { createUpstreamClient, type UpstreamClient } from '../../../layers/kit/http/upstream-client.ts';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

const seen: Seen[] = [];
let answer: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    answer(response);
  });
});
let client: UpstreamClient;
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  client = createUpstreamClient({ connectTimeoutMs: 1_000 });
});
afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});
beforeEach(() => {
  seen.length = 0;
  answer = (response) => void response.writeHead(204).end();
});

const LOOPBACK = ['127.0.0.0/8'];
const post = (change: Partial<Parameters<typeof postGuarded>[1]> = {}) =>
  postGuarded(client, {
    url: `http://127.0.0.1:${port}/in?room=1`,
    headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' },
    body: '{"ä":1}',
    timeoutMs: 2_000,
    allowedNetworks: LOOPBACK,
    ...change,
  });

describe('a guarded post', () => {
  it('carries path, query, headers and body, and tells the status', async () => {
    expect(await post()).toEqual({ status: 204 });
    expect(seen).toMatchObject([
      { method: 'POST', url: '/in?room=1', body: '{"ä":1}', headers: { 'webhook-id': 'msg_1', 'content-length': '8' } },
    ]);
  });

  it('follows no redirect', async () => {
    answer = (response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    expect(await post()).toEqual({ status: 302 });
    expect(seen).toHaveLength(1);
  });

  it('does not wait for a body that never ends', async () => {
    answer = (response) => void response.writeHead(200).write('…');
    expect(await post()).toEqual({ status: 200 });
  });

  it.each(['http://127.0.0.1:1/', 'http://localhost:1/', 'https://10.0.0.1/', 'https://[::1]/'])(
    'does not connect to %s where no network is allowed',
    async (url) => {
      const refused = await post({ url, allowedNetworks: [] });
      expect(refused).toEqual({ failure: 'address refused' });
    },
  );

  it('tells that nobody is there', async () => {
    expect(await post({ url: 'http://127.0.0.1:1/' })).toEqual({ failure: 'unreachable' });
  });

  it('gives up on a receiver that says nothing', async () => {
    answer = () => undefined;
    expect(await post({ timeoutMs: 50 })).toEqual({ failure: 'timed out' });
  });
});
