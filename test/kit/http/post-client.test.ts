import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createPostClient, PostError, type PostClient } from '../../../layers/kit/http/post-client.ts';
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '../../support/localhost-certificate.ts';

const LIMITS = { connections: 4, connectTimeoutMs: 2_000, answerTimeoutMs: 20_000, keepAliveMs: 20_000 };

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

interface Rig {
  client: PostClient;
  /** Connections that were made, in order. */
  sockets: Socket[];
  /** What each request looked like. */
  seen: string[];
}

/** A server that does as told with each request's bytes. */
async function serve(answer: (socket: Socket, text: string) => void, change: object = {}): Promise<Rig> {
  const sockets: Socket[] = [];
  const seen: string[] = [];
  const server: Server = createPlainServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    let held = '';
    socket.on('data', (bytes) => {
      held += bytes.toString();
      const length = Number(/content-length: (\d+)/.exec(held)?.[1]);
      const bodyAt = held.indexOf('\r\n\r\n') + 4;
      if (bodyAt < 4 || Buffer.byteLength(held.slice(bodyAt)) < length) return;
      seen.push(held);
      const text = held;
      held = '';
      answer(socket, text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createPostClient({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...LIMITS,
    ...change,
  });
  closings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { client, sockets, seen };
}

const headFor = (body: string): string =>
  `POST / HTTP/1.1\r\nhost: store\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
const post = (client: PostClient, body: string) => client.send(headFor(body), body);
const reply = (socket: Socket, body: string): boolean =>
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);
const failureOf = async (sending: Promise<unknown>): Promise<PostError> => {
  const error: unknown = await sending.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PostError)) throw new Error(`not a PostError: ${String(error)}`);
  return error;
};

describe('the client of a store', () => {
  it('sends what it is given, whatever script it is in, and keeps the connection', async () => {
    const { client, sockets, seen } = await serve((socket, text) => reply(socket, bodyOf(text)));
    for (const body of ['{"a":1}', 'naïve – 漢字 😀', '']) {
      expect(await post(client, body)).toEqual({ status: 200, text: body, isKept: true });
    }
    expect(seen[1]).toBe(headFor('naïve – 漢字 😀') + 'naïve – 漢字 😀');
    expect(sockets).toHaveLength(1);
  });

  it('carries one request at a time on each connection, and answers never change places', async () => {
    const { client, sockets } = await serve((socket, text) => setImmediate(() => reply(socket, bodyOf(text))));
    const bodies = Array.from({ length: 100 }, (_none, index) => `request ${index} `.repeat(1 + (index % 9) * 400));
    const answers = await Promise.all(bodies.map((body) => post(client, body)));
    expect(answers.map(({ text }) => text)).toEqual(bodies);
    expect(sockets).toHaveLength(4);
  });

  it('says that nothing was sent where no connection came about', async () => {
    const { client } = await serve(() => undefined, { origin: 'http://127.0.0.1:1' });
    expect(await failureOf(post(client, 'x'))).toMatchObject({ sent: false, code: 'ECONNREFUSED' });
  });

  it.each([
    ['without a word', ''],
    ['in the middle of the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a'],
  ])('says that an answer was lost when the connection ends %s, and goes on with a new one', async (_title, words) => {
    let count = 0;
    const { client } = await serve((socket, text) => {
      count += 1;
      if (count > 1) reply(socket, bodyOf(text));
      else socket.end(words);
    });
    expect(await failureOf(post(client, 'x'))).toMatchObject({ sent: true });
    expect(await post(client, 'y')).toMatchObject({ text: 'y' });
  });

  it('does not use a connection again that the other side said it would close', async () => {
    const { client, sockets } = await serve((socket, text) => {
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n${bodyOf(text)}`);
    });
    expect(await post(client, 'a')).toMatchObject({ text: 'a' });
    expect(await post(client, 'b')).toMatchObject({ text: 'b' });
    expect(sockets).toHaveLength(2);
  });

  it('does not use a connection again that was idle for too long', async () => {
    const { client, sockets } = await serve((socket, text) => reply(socket, bodyOf(text)), { keepAliveMs: 0 });
    await post(client, 'a');
    await post(client, 'b');
    expect(sockets).toHaveLength(2);
  });

  it('drops a connection on which something comes that nobody asked for', async () => {
    const { client, sockets } = await serve((socket, text) => reply(socket, bodyOf(text)));
    await post(client, 'a');
    const closed = once(sockets[0]!, 'close');
    sockets[0]!.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong');
    await closed;
    expect(await post(client, 'b')).toMatchObject({ text: 'b' });
  });

  it('gives up an answer that does not come, and says that the request may have arrived', async () => {
    const { client } = await serve(() => undefined, { answerTimeoutMs: 10 });
    expect(await failureOf(post(client, 'x'))).toMatchObject({ sent: true, code: 'ANSWER_TIMEOUT' });
  });

  it('gives up what waits for a connection for as long, and says that it was not sent', async () => {
    const { client } = await serve(() => undefined, { answerTimeoutMs: 10, connections: 1 });
    const failures = await Promise.all(['x', 'y'].map((body) => failureOf(post(client, body))));
    expect(failures).toMatchObject([{ sent: true }, { sent: false, code: 'NO_CONNECTION' }]);
  });

  it('says that what is no HTTP may have arrived', async () => {
    const { client } = await serve((socket) => socket.write('hello there, this is not\r\n\r\n'));
    expect(await failureOf(post(client, 'x'))).toMatchObject({ sent: true, code: 'NOT_HTTP' });
  });

  it('closes when what is under way has its answer', async () => {
    const { client, sockets } = await serve((socket, text) => setImmediate(() => reply(socket, bodyOf(text))));
    const answers = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((body) => post(client, body)));
    await Promise.all([...Array.from({ length: 1 }, () => answers), answers.then(() => client.close())]);
    expect((await answers).map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(sockets).toHaveLength(4);
  });

  it('speaks TLS, and does not speak to a server that it cannot trust', async () => {
    const [key, cert] = [LOCALHOST_KEY, LOCALHOST_CERTIFICATE];
    const server = createTlsServer({ key, cert }, (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => response.end(Buffer.concat(parts)));
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    closings.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const shared = { connections: 2, connectTimeoutMs: 5_000, answerTimeoutMs: 20_000, keepAliveMs: 20_000 };
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    const client = createPostClient({ ...shared, origin, trusted: [cert] });
    const bodies = ['a', 'ü'.repeat(100_000), 'c', 'd'];
    expect((await Promise.all(bodies.map((body) => post(client, body)))).map(({ text }) => text)).toEqual(bodies);
    await client.close();
    const wary = createPostClient({ ...shared, origin });
    expect(await failureOf(post(wary, 'x'))).toMatchObject({ sent: false, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });
});
