import { afterEach, describe, expect, it } from '@jest/globals';
import type { FrontDeps } from '@sluice/core/relay/front';
import { accountWebhookSecret } from '@sluice/core/relay/job-webhook';
import { signedHeaders } from '@sluice/core/monitoring/webhook-secret';
import { createManualScheduler } from '../../support/manual-scheduler.ts';
import { jsonOf, type Step } from '../../support/fake-upstream.ts';
import {
  aKey,
  aUser,
  aModel,
  anUpstream,
  call,
  NOW,
  startRig,
  until,
  type Call,
  type Rig,
  type RigOptions,
} from './rig.ts';

/** The smallest PNG: one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const DRAWN = JSON.stringify({ created: 1, data: [{ b64_json: PIXEL }] });
const PATH = '/v1/images/generations/async';

function startPainter(options: RigOptions = {}): Promise<Rig> {
  return startRig({
    models: [aModel({ class: 'image' } as never)],
    upstreams: (baseUrl) => [anUpstream('first', baseUrl, { format: 'openai-images', vendor: 'openai' } as never)],
    ...options,
  });
}

function submit(rig: Rig, body: object = {}, headers: Record<string, string> = {}): Promise<Call> {
  return call(rig, { path: PATH, body: { model: 'public', prompt: 'a cat', ...body }, headers });
}

function poll(rig: Rig, id: string): Promise<Call> {
  return call(rig, { method: 'GET', path: `/v1/images/generations/${id}` });
}

function events(rig: Rig) {
  return [...rig.usage.rows.values()].filter(({ closing }) => closing?.source !== 'void');
}

/** Runs what was submitted, as the function that is invoked does. */
function run(rig: Rig, { json }: Call) {
  return rig.runJob({ account: 'usr_1', id: json.id });
}

describe('an image that is made in the background', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('is asked for, made once, and polled until it is there', async () => {
    const started: string[] = [];
    rig = await startPainter({ deps: { startJob: async ({ id }) => void started.push(id) } });
    rig.upstream.answer(jsonOf(DRAWN));
    const submitted = await submit(rig, { response_format: 'b64_json' });
    expect(submitted.status).toBe(202);
    expect(submitted.json).toMatchObject({
      object: 'image.generation.job',
      status: 'queued',
      model: 'public',
      result: null,
    });
    expect(submitted.headers['location']).toBe(`/v1/images/generations/${submitted.json.id}`);
    expect(started).toEqual([submitted.json.id]);
    expect(rig.upstream.requests).toHaveLength(0);

    expect(await run(rig, submitted)).toBe('succeeded');
    const done = await poll(rig, submitted.json.id);
    expect(done.json).toMatchObject({ status: 'completed', progress: 100, error: null });
    expect(done.json.result.data).toEqual([{ b64_json: PIXEL }]);
    expect(await run(rig, submitted)).toBe('succeeded');
    expect(rig.upstream.requests).toHaveLength(1);
    expect(events(rig)).toHaveLength(1);
    expect(rig.jobs.open.size).toBe(0);
  });

  it('carries no secret of its client while it waits, and runs as the key that asked stands then', async () => {
    let key = aKey();
    const identity: FrontDeps['identity'] = {
      findKeyByDigest: async () => key,
      findKeyById: async () => key,
      findUserById: async () => aUser(),
    };
    rig = await startPainter({ deps: { identity } });
    rig.upstream.answer(jsonOf(DRAWN));
    const submitted = await submit(rig);
    const kept = await rig.jobs.readRequest(rig.jobs.rows.get(`usr_1\n${submitted.json.id}`)!);
    expect(JSON.stringify(kept)).not.toContain('sk-chosen');
    key = aKey({ enabled: false });
    expect(await run(rig, submitted)).toBe('failed');
    expect(rig.upstream.requests).toHaveLength(0);
  });

  it.each([
    ['no prompt', { prompt: '' }, 'prompt'],
    ['a stream', { stream: true }, 'stream'],
    ['a webhook that is no address', { webhook_url: 'nowhere' }, 'webhook_url'],
    ['a webhook inside of our network', { webhook_url: 'http://127.0.0.1/x' }, 'webhook_url'],
    ['a webhook that is no text', { webhook_url: 7 }, 'webhook_url'],
  ])('with %s is refused at once, and is no job', async (_what, body, param) => {
    rig = await startPainter();
    const refused = await submit(rig, body);
    expect([refused.status, refused.json.error.param]).toEqual([400, param]);
    expect(rig.jobs.rows.size).toBe(0);
  });

  it('under an Idempotency-Key is one job, and another one is refused', async () => {
    rig = await startPainter();
    const key = { 'idempotency-key': 'one' };
    const [first, again] = [await submit(rig, {}, key), await submit(rig, {}, key)];
    expect(again.json.id).toBe(first.json.id);
    expect((await submit(rig, { prompt: 'a dog' }, key)).status).toBe(422);
    expect(rig.jobs.rows.size).toBe(1);
  });

  it('that fails tells why, in the words that its client would have been told at once', async () => {
    rig = await startPainter();
    rig.upstream.answer(jsonOf('{"error":{"message":"No such size.","code":"bad_size"}}', 400));
    const submitted = await submit(rig);
    expect(await run(rig, submitted)).toBe('failed');
    const { json } = await poll(rig, submitted.json.id);
    expect(json).toMatchObject({ status: 'failed', result: null, error: { message: 'No such size.' } });
  });

  it('can be cancelled before it is run, and is then made by nobody', async () => {
    rig = await startPainter();
    const submitted = await submit(rig);
    const cancelled = await call(rig, { path: `/v1/images/generations/${submitted.json.id}/cancel`, body: '' });
    expect(cancelled.json.status).toBe('cancelled');
    expect(await run(rig, submitted)).toBe('cancelled');
    expect(rig.upstream.requests).toHaveLength(0);
  });

  it('that is cancelled while it is made is broken off, and its usage is settled', async () => {
    const scheduler = createManualScheduler();
    rig = await startPainter({ scheduler });
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'application/json' } },
      { write: '{"created":1,' },
      { hang: true },
    ]);
    const submitted = await submit(rig);
    const running = run(rig, submitted);
    await until(() => rig.upstream.requests.length === 1);
    await call(rig, { path: `/v1/images/generations/${submitted.json.id}/cancel`, body: '' });
    scheduler.advance(10_000);
    await rig.upstream.requests[0]?.aborted;
    expect(await running).toBe('cancelled');
    expect((await poll(rig, submitted.json.id)).json.status).toBe('cancelled');
    expect([...rig.usage.rows.values()].map(({ phase }) => phase)).toEqual(['closed']);
  });

  it('is nobody else’s', async () => {
    rig = await startPainter();
    const submitted = await submit(rig);
    rig.jobs.rows.set(`usr_2\n${submitted.json.id}`, rig.jobs.rows.get(`usr_1\n${submitted.json.id}`)!);
    rig.jobs.rows.delete(`usr_1\n${submitted.json.id}`);
    expect((await poll(rig, submitted.json.id)).status).toBe(404);
  });

  it('is taken up by one of two runners, and the other leaves it alone', async () => {
    rig = await startPainter();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: promise }, ...jsonOf(DRAWN)]);
    const submitted = await submit(rig);
    const running = run(rig, submitted);
    await until(() => rig.upstream.requests.length === 1);
    expect(await run(rig, submitted)).toBe('busy');
    resolve();
    expect(await running).toBe('succeeded');
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('whose runner died after the upstream was asked fails, and the upstream is not asked again', async () => {
    rig = await startPainter();
    const submitted = await submit(rig);
    const key = `usr_1\n${submitted.json.id}`;
    const dead = { state: 'running', lease: { owner: 'dead', until: NOW }, sentAt: NOW - 1 } as const;
    rig.jobs.rows.set(key, { ...rig.jobs.rows.get(key)!, ...dead });
    const { json } = await poll(rig, submitted.json.id);
    expect(json).toMatchObject({ status: 'failed', error: { code: 'outcome_unknown' } });
    expect(await run(rig, submitted)).toBe('unknown');
    expect(rig.upstream.requests).toHaveLength(0);
  });
});

describe('the webhook of a job', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  type Told = Parameters<FrontDeps['postWebhook']>[0];

  async function startTelling(answers: number[]): Promise<{ told: Told[] }> {
    const told: Told[] = [];
    const postWebhook: FrontDeps['postWebhook'] = async (request) => {
      told.push(request);
      return { status: answers[told.length - 1] ?? 200 };
    };
    rig = await startPainter({ deps: { postWebhook } });
    rig.upstream.answer(jsonOf(DRAWN));
    return { told };
  }

  it('is called once with the result, signed with the secret that was told', async () => {
    const { told } = await startTelling([204]);
    const submitted = await submit(rig, { webhook_url: 'https://hooks.example.com/a' });
    const { secret } = submitted.json.webhook;
    expect(secret).toBe(accountWebhookSecret('pepper', 'usr_1'));
    await run(rig, submitted);
    await run(rig, submitted);
    expect(told).toHaveLength(1);
    const [{ url, headers, body }] = told as [Told];
    expect(url).toBe('https://hooks.example.com/a');
    const payload = JSON.parse(body) as { type: string; data: { id: string; status: string; result: object } };
    expect(payload).toMatchObject({
      type: 'image.generation.completed',
      data: { id: submitted.json.id, status: 'completed' },
    });
    const id = headers['webhook-id'] ?? '';
    expect(headers['webhook-signature']).toBe(
      signedHeaders(secret, { id, timestampMs: NOW, body })['webhook-signature'],
    );
    // What is the gateway's own goes no further.
    expect(rig.upstream.requests[0]?.body).not.toContain('hooks.example.com');
    expect(rig.jobs.open.size).toBe(0);
  });

  it('that is not taken is tried again later under the same id, and the job stays listed until then', async () => {
    const { told } = await startTelling([500, 200]);
    const submitted = await submit(rig, { webhook_url: 'https://hooks.example.com/a' });
    await run(rig, submitted);
    const key = `usr_1\n${submitted.json.id}`;
    const { webhook } = rig.jobs.rows.get(key)!;
    expect(webhook).toMatchObject({ attempts: 1, outcome: 'pending', nextAt: NOW + 60_000 });
    expect(rig.jobs.open.size).toBe(1);
    await run(rig, submitted);
    expect(told).toHaveLength(1);
    rig.jobs.rows.set(key, { ...rig.jobs.rows.get(key)!, webhook: { ...webhook!, nextAt: NOW } });
    await run(rig, submitted);
    expect(told.map(({ headers }) => headers['webhook-id'])).toEqual([
      `msg_${submitted.json.id}`,
      `msg_${submitted.json.id}`,
    ]);
    expect(rig.jobs.open.size).toBe(0);
  });

  it('whose receiver is gone is not called again', async () => {
    const { told } = await startTelling([410]);
    const submitted = await submit(rig, { webhook_url: 'https://hooks.example.com/a' });
    await run(rig, submitted);
    await run(rig, submitted);
    expect(told).toHaveLength(1);
    expect(rig.jobs.open.size).toBe(0);
  });
});

describe('an image that is waited for', () => {
  it('keeps its connection alive with spaces after a hundred seconds, and comes whole', async () => {
    const scheduler = createManualScheduler();
    const rig = await startPainter({ scheduler });
    const { promise, resolve } = Promise.withResolvers<void>();
    const steps: Step[] = [{ waitFor: promise }, ...jsonOf(DRAWN)];
    rig.upstream.answer(steps);
    let seen = '';
    const calling = call(rig, {
      path: '/v1/images/generations',
      body: { model: 'public', prompt: 'a cat', response_format: 'b64_json' },
      onData: (text) => void (seen = text),
    });
    await until(() => rig.upstream.requests.length === 1);
    scheduler.advance(99_000);
    scheduler.advance(1_000);
    await until(() => seen === ' ');
    scheduler.advance(30_000);
    await until(() => seen === '    ');
    resolve();
    const answer = await calling;
    await rig.close();
    expect([answer.status, answer.headers['content-type'], answer.headers['x-should-retry']]).toEqual([
      200,
      'application/json',
      'false',
    ]);
    expect(answer.headers['x-request-id']).toBeDefined();
    expect(answer.json.data).toEqual([{ b64_json: PIXEL }]);
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('that fails later tells so in the body, since its status is gone', async () => {
    const scheduler = createManualScheduler();
    const rig = await startPainter({ scheduler });
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: promise }, ...jsonOf('{"error":{"message":"No."}}', 400)]);
    let seen = '';
    const calling = call(rig, {
      path: '/v1/images/generations',
      body: { model: 'public', prompt: 'a cat' },
      onData: (text) => void (seen = text),
    });
    await until(() => rig.upstream.requests.length === 1);
    scheduler.advance(100_000);
    await until(() => seen === ' ');
    resolve();
    const answer = await calling;
    await rig.close();
    expect([answer.status, answer.json.error.message]).toEqual([200, 'No.']);
    expect(answer.broken).toBe(false);
  });
});
