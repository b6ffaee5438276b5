import { execFileSync } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  adminClient,
  chosenSecret,
  importInto,
  marker,
  openAiClient,
  until,
  userSays,
  type AdminClient,
} from '../support/gateway.ts';
import { listen, stop } from '../support/fake-upstream.ts';
import { ownUserId, readLedgerAccount } from '../support/ledger.ts';
import { removeDirectory, sharedAssembly, startStack, temporaryDirectory, type Stack } from '../support/stack.ts';

/** Clients that do not read, and a store that does not answer, against a relay process of their own. */
const dataDirectory = temporaryDirectory('slow');
let stack: Stack;
let admin: AdminClient;
let upstream: TorrentUpstream;

beforeAll(async () => {
  upstream = await startTorrent();
  stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, adapter: 'node' });
  admin = await importInto(stack.ready, {
    version: 1,
    settings: { upstreamTimeouts: { chat: { idleMs: STALL_MS } } },
    upstreams: [{ name: 'torrent', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: upstream.baseUrl }],
    credentials: [{ upstream: 'torrent', name: 'only', kind: 'api_key', secret: chosenSecret() }],
    models: [{ name: 'torrent', class: 'chat', routes: [{ upstream: 'torrent', model: 'torrent' }] }],
  });
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  await stop(upstream.server);
  removeDirectory(dataDirectory);
}, 60_000);

/** How long a client may read nothing: long enough to look at all of them while they stall. */
const STALL_MS = 20_000;
// The kernel's own buffers hold some ten megabytes for each.
const READERS = process.env['SLUICE_SCALE'] === '1' ? 200 : 30;
/** Far more than buffers on the way may hold, and far less than an upstream that is never paused would send. */
const MOST_BYTES_EACH = 16 * 1024 * 1024;
const MOST_GROWTH_MB = 250;
/** Looks in a row at which nothing moves. */
const STILL_LOOKS = 20;

interface TorrentUpstream {
  server: Server;
  baseUrl: string;
  /** Bytes that were taken from it, by request. */
  taken: number[];
  /** Requests that have something to say and are not read. */
  paused(): number;
  /** Requests whose caller has broken them off. */
  ended(): number;
}

/** Streams without end, as long as it is read. */
async function startTorrent(): Promise<TorrentUpstream> {
  const taken: number[] = [];
  const open = new Set<ServerResponse>();
  let ended = 0;
  const delta = { index: 0, delta: { content: 'x' }, finish_reason: null };
  const padding = ' '.repeat(32 * 1024);
  const event = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [delta], padding })}\n\n`;
  const server = createServer((request, response) => {
    request.resume();
    const mine = taken.push(0) - 1;
    open.add(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const pour = (): void => {
      while (!response.destroyed) {
        taken[mine] = (taken[mine] ?? 0) + event.length;
        if (!response.write(event)) return;
      }
    };
    response.on('drain', pour);
    pour();
    response.on('close', () => {
      open.delete(response);
      ended += 1;
    });
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const paused = (): number => [...open].filter((response) => response.writableNeedDrain).length;
  return { server, baseUrl: `http://127.0.0.1:${port}/v1`, taken, paused, ended: () => ended };
}

/** A client that asks for a stream and reads none of it. */
function stalledReader(): Socket {
  const { hostname, port } = new URL(stack.ready.relayUrl);
  const body = JSON.stringify({ model: 'torrent', messages: userSays('Pour, please'), stream: true });
  const headers = {
    host: 'relay',
    ...stack.ready.relayHeaders,
    authorization: `Bearer ${stack.ready.apiKey}`,
    'content-length': body.length,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(Number(port), hostname, () => {
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  });
  socket.pause();
  return socket.on('error', () => undefined);
}

function residentMb(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}

describe(`${READERS} readers that stop reading`, () => {
  test('pause the upstream, leave the relay’s memory flat, are cut like a silent upstream and settled once each', async () => {
    const pid = stack.ready.pids['relay-0'] ?? stack.ready.pids['relay'] ?? 0;
    for (let round = 0; round < 20; round += 1) {
      await openAiClient(stack.ready).chat.completions.create({
        model: 'sandbox-chat--words-5',
        messages: userSays('Warm up'),
      });
    }
    const before = residentMb(pid);
    const sockets = Array.from({ length: READERS }, stalledReader);
    // Between two writes the kernel takes, each of them waits; that nothing moves for a while is what tells.
    let last = -1;
    let still = 0;
    await until(async () => {
      const total = upstream.taken.reduce((sum, bytes) => sum + bytes, 0);
      still = total === last && upstream.paused() === READERS ? still + 1 : 0;
      last = total;
      return still >= STILL_LOOKS;
    });
    expect(upstream.ended()).toBe(0);
    const growth = residentMb(pid) - before;
    const each = Math.max(...upstream.taken);
    process.stderr.write(
      `stalled readers: at most ${Math.round(each / 1024)} KiB each, relay +${Math.round(growth)} MB\n`,
    );
    expect(each).toBeLessThan(MOST_BYTES_EACH);
    expect(growth).toBeLessThan(MOST_GROWTH_MB);

    await until(async () => upstream.ended() === READERS);
    const account = await ownUserId(admin);
    await until(async () => Object.keys((await readLedgerAccount(admin, account)).holds).length === 0);
    const logs = await until(async () => {
      const { body } = await admin.call('GET', '/api/usage/logs?limit=200&scope=all&model_name=torrent');
      const rows = (body['data'] as { logs: { request_id: string; status: number; source: string }[] }).logs;
      return rows.length >= READERS && rows;
    });
    expect(new Set(logs.map((row) => row.request_id)).size).toBe(READERS);
    expect(new Set(logs.map((row) => `${row.status} ${row.source}`))).toEqual(new Set(['499 partial']));
    for (const socket of sockets) socket.destroy();
  }, 180_000);

  test('leave a relay behind that answers others', async () => {
    const { choices } = await openAiClient(stack.ready).chat.completions.create({
      model: 'sandbox-chat--words-5',
      messages: userSays('Still there?'),
    });
    expect(choices[0]?.message.content).toBeTruthy();
  });
});

describe('a store that hangs', () => {
  const paths: [path: string, headers: Record<string, string>, status: number, body: object][] = [
    ['/v1/chat/completions', {}, 503, { error: { code: 'store_unavailable', type: 'server_error' } }],
    ['/v1/models', {}, 503, { error: { code: 'store_unavailable' } }],
    ['/v1/models', { 'anthropic-version': '2023-06-01' }, 529, { type: 'error', error: { type: 'overloaded_error' } }],
    ['/v1/models', { 'x-goog-api-client': 'genai-js/3' }, 503, { error: { code: 503, status: 'UNAVAILABLE' } }],
  ];

  test('is told in each caller’s words, and forgotten when it answers again', async () => {
    const { ready } = stack;
    const store = ready.pids['store'] ?? 0;
    const ask = (path: string, headers: Record<string, string>, key: string): Promise<Response> => {
      const chat = path.endsWith('completions');
      const body = JSON.stringify({ model: 'sandbox-chat--words-5', messages: userSays(marker()) });
      // How soon it is told is shown on a clock of the test's own (test/core/relay, test/aws); here, that it is told at all.
      const signal = AbortSignal.timeout(60_000);
      const init = { method: chat ? 'POST' : 'GET', headers: { authorization: `Bearer ${key}`, ...headers }, signal };
      return fetch(`${ready.url}${path}`, chat ? { ...init, body } : init);
    };
    process.kill(store, 'SIGSTOP');
    try {
      // One key is remembered, so that it is the admission that meets the silence; the others are asked for.
      const asked = paths.map(([path, headers]) =>
        ask(path, headers, path === '/v1/chat/completions' ? ready.apiKey : chosenSecret()),
      );
      for (const [index, pending] of asked.entries()) {
        const answer = await pending;
        const [, , status, body] = paths[index] as (typeof paths)[number];
        expect(answer.status).toBe(status);
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(await answer.json()).toMatchObject(body);
      }
    } finally {
      process.kill(store, 'SIGCONT');
    }
    await until(async () => (await ask('/v1/chat/completions', {}, ready.apiKey)).status === 200);
    expect((await adminClient(ready)).token).not.toBe('');
  }, 180_000);
});

describe('an unannounced body that is too large', () => {
  test('is a 413 in the dialect of its path where the relay itself counts it', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ model: 'm', filler: 'x'.repeat(7_000_000) }));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const init = { method: 'POST', headers: { 'x-api-key': stack.ready.apiKey }, body, duplex: 'half' } as RequestInit;
    const answer = await fetch(`${stack.ready.url}/v1/messages`, init);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
  });
});
