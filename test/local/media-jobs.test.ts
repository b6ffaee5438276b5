import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedHeaders } from '../../layers/core/monitoring/webhook-secret.ts';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { importInto, marker, openAiClient, receivedWith, until, type AdminClient } from '../support/gateway.ts';
import { moveClock } from '../support/ledger.ts';
import { keepOutOfLogs } from '../support/log-secrets.ts';
import {
  readReady,
  removeDirectory,
  sharedAssembly,
  startStack,
  temporaryDirectory,
  type Stack,
} from '../support/stack.ts';

/** Jobs on the whole stack: a relay that sees its clients leave, the function that runs jobs, the sweep. */
const dataDirectory = temporaryDirectory('media-jobs');
const CLOCK = '2031-05-06T04:00:00Z';
const LATER = '2031-05-06T04:05:00Z';

interface Told {
  headers: Record<string, string>;
  body: string;
}

let stack: Stack;
let upstream: FakeUpstream;
let admin: AdminClient;
let receiver: Server;
let hook: string;
const told: Told[] = [];

beforeAll(async () => {
  upstream = await startFakeUpstream();
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      told.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  stack = await startStack({
    cloudAssembly: sharedAssembly(),
    dataDirectory,
    adapter: 'node',
    args: ['--clock', CLOCK],
  });
  const image = (name: string, model: string, from = 'sandbox-images') => ({
    name,
    class: 'image' as const,
    routes: [{ upstream: from, model }],
    price: { perImage: 0.02 },
  });
  admin = await importInto(stack.ready, {
    version: 1,
    upstreams: [{ name: 'gated', format: 'openai-images', vendor: 'openai', baseUrl: upstream.baseUrl }],
    credentials: [{ upstream: 'gated', name: 'only', secret: 'gated-secret' }],
    models: [
      image('slow-image', 'sandbox-image--slow-3'),
      image('large-image', 'sandbox-image--bytes-2500000'),
      image('gated-image', 'up', 'gated'),
      {
        name: 'slow-film',
        class: 'video',
        routes: [{ upstream: 'sandbox-xai', model: 'sandbox-xai-video--slow-130' }],
        price: { perVideoSecond: 0.05 },
      },
      { name: 'slow-chat', routes: [{ upstream: 'sandbox', model: 'sandbox-chat--slow-first-20000' }] },
    ],
  });
}, 150_000);
afterAll(async () => {
  await stack?.stop();
  await upstream?.close();
  receiver?.close();
  removeDirectory(dataDirectory);
}, 60_000);

function kill(name: string): void {
  const pid = readReady(dataDirectory).pids[name];
  if (pid === undefined) throw new Error(`no ${name} among the processes`);
  process.kill(pid, 'SIGKILL');
}

const headers = (more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${stack.ready.apiKey}`,
  'content-type': 'application/json',
  ...more,
});

function post(path: string, body: object, more: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  const init = { method: 'POST', headers: headers(more), body: JSON.stringify(body), ...(signal && { signal }) };
  return fetch(`${stack.ready.url}${path}`, init);
}

interface Polled {
  status: string;
  result: { data: { url?: string; b64_json?: string }[] } | null;
  error: { code: string } | null;
}

async function poll(id: string): Promise<Polled> {
  const answer = await fetch(`${stack.ready.url}/v1/images/generations/${id}`, { headers: headers() });
  return (await answer.json()) as Polled;
}

const ended = (id: string): Promise<Polled> =>
  until(async () => {
    const polled = await poll(id);
    return ['queued', 'in_progress'].includes(polled.status) ? null : polled;
  });

async function eventsWith(requestIds: readonly string[]) {
  const { body } = await admin.call('GET', '/api/usage/logs?scope=all&page_size=100');
  const { logs } = body['data'] as { logs: { request_id: string; source: string }[] };
  return logs.filter(({ request_id: id }) => requestIds.includes(id));
}

describe('an image that is made in the background', () => {
  test('is there when its webhook says so, and at the CDN', async () => {
    const submitted = await post('/v1/images/generations/async', {
      model: 'sandbox-image',
      prompt: marker(),
      response_format: 'url',
      webhook_url: hook,
    });
    expect(submitted.status).toBe(202);
    const job = (await submitted.json()) as { id: string; webhook: { secret: string } };
    keepOutOfLogs('a webhook secret', job.webhook.secret);
    const notice = await until(async () => told.find(({ body }) => body.includes(job.id)));
    const id = notice.headers['webhook-id'] ?? '';
    const timestampMs = Number(notice.headers['webhook-timestamp']) * 1000;
    const signed = signedHeaders(job.webhook.secret, { id, timestampMs, body: notice.body });
    expect(notice.headers['webhook-signature']).toBe(signed['webhook-signature']);
    const { type, data } = JSON.parse(notice.body) as { type: string; data: Polled };
    expect([type, data.status]).toEqual(['image.generation.completed', 'completed']);
    const [picture] = (await poll(job.id)).result?.data ?? [];
    const served = await fetch(picture?.url ?? '');
    expect([served.status, served.headers.get('content-type')]).toEqual([200, 'image/png']);
  });

  test('of three megabytes comes whole, in the background and under a key', async () => {
    const body = { model: 'large-image', prompt: marker(), response_format: 'b64_json' };
    const submitted = (await (await post('/v1/images/generations/async', body)).json()) as { id: string };
    const { result } = await ended(submitted.id);
    expect(Buffer.from(result?.data[0]?.b64_json ?? '', 'base64').length).toBeGreaterThanOrEqual(2_500_000);
    const key = { 'idempotency-key': marker() };
    const [first, again] = [
      await (await post('/v1/images/generations', body, key)).text(),
      await (await post('/v1/images/generations', body, key)).text(),
    ];
    expect(first.length).toBeGreaterThan(3_000_000);
    expect(again === first).toBe(true);
  });

  test('is changed in the background too, from a picture of two megabytes in the request itself', async () => {
    const generated = await post('/v1/images/generations', {
      model: 'large-image',
      prompt: marker(),
      response_format: 'b64_json',
    });
    const { data } = (await generated.json()) as { data: { b64_json: string }[] };
    const submitted = await post('/v1/images/edits/async', {
      model: 'sandbox-image',
      prompt: marker(),
      image: `data:image/png;base64,${data[0]?.b64_json}`,
      response_format: 'url',
    });
    expect(submitted.status).toBe(202);
    const { status, result } = await ended(((await submitted.json()) as { id: string }).id);
    expect([status, result?.data.length]).toEqual(['completed', 1]);
  });

  test('whose runner is killed fails after its lease, and its upstream is not asked again', async () => {
    upstream.answer([{ hang: true }]);
    const before = upstream.requests.length;
    const body = { model: 'gated-image', prompt: marker() };
    const submitted = (await (await post('/v1/images/generations/async', body)).json()) as { id: string };
    await until(async () => upstream.requests.length > before);
    kill('media-jobs');
    expect((await poll(submitted.id)).status).toBe('in_progress');
    await moveClock(stack.ready.sandboxUrl, Date.parse(LATER));
    const sweep = () => admin.call('POST', '/api/admin/schedules/sweep-jobs/run', {});
    expect((await sweep()).status).toBe(200);
    expect(await ended(submitted.id)).toMatchObject({ status: 'failed', error: { code: 'outcome_unknown' } });
    // What has ended is looked at no more.
    expect((await sweep()).status).toBe(200);
    expect(upstream.requests.length).toBe(before + 1);
  });
});

describe('a client that leaves', () => {
  test('finds its image under its Idempotency-Key: one call, one usage event', async () => {
    const mark = marker();
    const body = { model: 'slow-image', prompt: mark, response_format: 'url' };
    const key = { 'idempotency-key': marker() };
    const leaver = new AbortController();
    const leaving = post('/v1/images/generations', body, key, leaver.signal).catch(() => null);
    await until(async () => (await receivedWith(stack.ready, mark)).length === 1);
    leaver.abort();
    expect(await leaving).toBeNull();
    const [one, two] = await Promise.all([
      post('/v1/images/generations', body, key),
      post('/v1/images/generations', body, key),
    ]);
    expect([one.status, two.status]).toEqual([200, 200]);
    const [first, second] = [await one.text(), await two.text()];
    expect(second).toBe(first);
    const { data } = JSON.parse(first) as { data: { url: string }[] };
    expect((await fetch(data[0]?.url ?? '')).status).toBe(200);
    expect(await receivedWith(stack.ready, mark)).toHaveLength(1);
    const original = one.headers.get('x-sluice-original-request-id') ?? '';
    const ids = [one, two].map((answer) => answer.headers.get('x-sluice-request-id') ?? '');
    expect(await until(async () => (await eventsWith([original, ...ids])).at(0))).toMatchObject({ source: 'reported' });
    expect(await eventsWith([original, ...ids])).toHaveLength(1);
  });

  test('whose relay is killed with it is told that nobody knows, and nothing is asked again', async () => {
    upstream.answer([{ hang: true }]);
    const before = upstream.requests.length;
    const body = { model: 'gated-image', prompt: marker() };
    const key = { 'idempotency-key': marker() };
    const asking = post('/v1/images/generations', body, key).catch(() => null);
    await until(async () => upstream.requests.length > before);
    kill('relay');
    await asking;
    await moveClock(stack.ready.sandboxUrl, Date.parse(LATER) + 300_000);
    const again = await until(async () => {
      const answer = await post('/v1/images/generations', body, key);
      return answer.status === 502 ? null : answer;
    });
    const { error } = (await again.json()) as { error: { code: string } };
    expect([again.status, error.code]).toEqual([409, 'outcome_unknown']);
    expect(upstream.requests.length).toBe(before + 1);
  });
});

describe('a response that is made in the background', () => {
  test('is polled by the SDK until it is completed, and deleted', async () => {
    const { responses } = openAiClient(stack.ready);
    const created = await responses.create({ model: 'sandbox-responses', input: marker(), background: true });
    expect([created.status, created.background]).toEqual(['queued', true]);
    const done = await until(async () => {
      const read = await responses.retrieve(created.id);
      return read.status === 'completed' ? read : null;
    });
    expect(done.output_text.length).toBeGreaterThan(0);
    await responses.delete(created.id);
    await expect(responses.retrieve(created.id)).rejects.toThrow(/not found/);
  });

  test('is cancelled while it is made', async () => {
    const { responses } = openAiClient(stack.ready);
    const mark = marker();
    const created = await responses.create({ model: 'slow-chat', input: mark, background: true });
    await until(async () => (await receivedWith(stack.ready, mark)).length === 1);
    expect((await responses.cancel(created.id)).status).toBe('cancelled');
    await until(async () => (await receivedWith(stack.ready, mark)).find(({ aborted }) => aborted));
    expect((await responses.retrieve(created.id)).status).toBe('cancelled');
  }, 40_000);
});

describe('a film', () => {
  test('whose runner is killed is finished by another one: asked for once, paid once', async () => {
    const mark = marker();
    const body = { model: 'slow-film', prompt: mark, duration: 3 };
    const begun = await post('/v1/videos/generations', body);
    const { request_id: id } = (await begun.json()) as { request_id: string };
    const look = async (): Promise<{ status: string; video?: { url: string } }> => {
      const answer = await fetch(`${stack.ready.url}/v1/videos/${id}`, { headers: headers() });
      return (await answer.json()) as { status: string; video?: { url: string } };
    };
    const polls = async () => {
      const answer = await fetch(`${stack.ready.sandboxUrl}/__log`);
      const { requests } = (await answer.json()) as { requests: { method: string; path: string }[] };
      return requests.filter(({ method, path }) => method === 'GET' && path.startsWith('/xai/v1/videos/'));
    };
    await until(async () => (await polls()).length > 0);
    kill('media-jobs');
    expect((await look()).status).toBe('pending');
    await moveClock(stack.ready.sandboxUrl, Date.parse(LATER) + 900_000);
    const done = await until(async () => {
      await admin.call('POST', '/api/admin/schedules/sweep-jobs/run', {});
      const film = await look();
      return film.status === 'pending' ? null : film;
    });
    expect(done.status).toBe('done');
    expect((await fetch(done.video?.url ?? '')).headers.get('content-type')).toBe('video/mp4');
    expect(await receivedWith(stack.ready, mark)).toHaveLength(1);
    const events = await eventsWith([begun.headers.get('x-sluice-request-id') ?? '']);
    expect(events).toMatchObject([{ source: 'reported', cost_micros: 150_000 }]);
  }, 40_000);
});
