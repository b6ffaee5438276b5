import { afterEach, describe, expect, it } from '@jest/globals';
import { createManualScheduler } from '../../support/manual-scheduler.ts';
import { jsonOf } from '../../support/fake-upstream.ts';
import { anUpstream, call, startRig, until, type Call, type Rig, type RigOptions } from './rig.ts';

const MADE = JSON.stringify({
  id: 'resp_upstream',
  object: 'response',
  created_at: 1,
  status: 'completed',
  background: false,
  model: 'up',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
    },
  ],
  usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
});

function startResponses(options: RigOptions = {}): Promise<Rig> {
  return startRig({
    upstreams: (baseUrl) => [anUpstream('first', baseUrl, { format: 'openai-responses', vendor: 'openai' } as never)],
    ...options,
  });
}

function create(rig: Rig, body: object = {}, headers: Record<string, string> = {}): Promise<Call> {
  const asked = { model: 'public', input: 'Say hi.', background: true, temperature: 0.5, ...body };
  return call(rig, { path: '/v1/responses', body: asked, headers });
}

function read(rig: Rig, id: string, part = ''): Promise<Call> {
  return call(rig, { method: 'GET', path: `/v1/responses/${id}${part}` });
}

const run = (rig: Rig, { json }: Call) => rig.runJob({ account: 'usr_1', id: json.id });

describe('a response that is made in the background', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('is queued, in progress, and completed under the one id that its client knows', async () => {
    rig = await startResponses();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: promise }, ...jsonOf(MADE)]);
    const created = await create(rig);
    expect(created.status).toBe(200);
    expect(created.json).toMatchObject({
      id: expect.stringMatching(/^resp_/),
      object: 'response',
      status: 'queued',
      background: true,
      model: 'public',
      temperature: 0.5,
      output: [],
      usage: null,
    });
    expect((await read(rig, created.json.id)).json.status).toBe('queued');
    const running = run(rig, created);
    await until(() => rig.upstream.requests.length === 1);
    expect(JSON.parse(rig.upstream.requests[0]!.body)).toMatchObject({ background: false, model: 'up' });
    expect((await read(rig, created.json.id)).json).toMatchObject({ status: 'in_progress', temperature: 0.5 });
    resolve();
    expect(await running).toBe('succeeded');
    const { json } = await read(rig, created.json.id);
    expect(json).toMatchObject({
      id: created.json.id,
      status: 'completed',
      background: true,
      usage: { total_tokens: 4 },
    });
    expect(json.output[0].content[0].text).toBe('Hi');
  });

  it('can be gone on from, and its input be read', async () => {
    rig = await startResponses();
    rig.upstream.answer(jsonOf(MADE));
    const created = await create(rig);
    await run(rig, created);
    await call(rig, {
      path: '/v1/responses',
      body: { model: 'public', input: 'And?', previous_response_id: created.json.id },
    });
    expect(rig.upstream.requests[1]?.body).toContain('Say hi.');
    const items = await read(rig, created.json.id, '/input_items');
    expect(items.json.data).toHaveLength(1);
  });

  it('can be cancelled while it is made: the upstream is broken off', async () => {
    const scheduler = createManualScheduler();
    rig = await startResponses({ scheduler });
    rig.upstream.answer([{ hang: true }]);
    const created = await create(rig);
    const running = run(rig, created);
    await until(() => rig.upstream.requests.length === 1);
    const cancelled = await call(rig, { path: `/v1/responses/${created.json.id}/cancel`, body: '' });
    expect(cancelled.json).toMatchObject({ id: created.json.id, status: 'cancelled' });
    scheduler.advance(10_000);
    await rig.upstream.requests[0]?.aborted;
    expect(await running).toBe('cancelled');
    expect((await read(rig, created.json.id)).json.status).toBe('cancelled');
  });

  it('that has ended is not cancelled any more', async () => {
    rig = await startResponses();
    rig.upstream.answer(jsonOf(MADE));
    const created = await create(rig);
    await run(rig, created);
    const again = await call(rig, { path: `/v1/responses/${created.json.id}/cancel`, body: '' });
    expect([again.status, again.json.status]).toEqual([200, 'completed']);
  });

  it('can be deleted, before and after', async () => {
    rig = await startResponses();
    rig.upstream.answer(jsonOf(MADE));
    const [queued, done] = [await create(rig), await create(rig)];
    await run(rig, done);
    for (const { json } of [queued, done]) {
      const deleted = await call(rig, { method: 'DELETE', path: `/v1/responses/${json.id}`, body: '' });
      expect(deleted.json).toEqual({ id: json.id, object: 'response', deleted: true });
      expect((await read(rig, json.id)).status).toBe(404);
    }
    expect(await run(rig, queued)).toBe('gone');
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('that fails tells why', async () => {
    rig = await startResponses();
    rig.upstream.answer(jsonOf('{"error":{"message":"Too long.","code":"context_length_exceeded"}}', 400));
    const created = await create(rig);
    await run(rig, created);
    expect((await read(rig, created.json.id)).json).toMatchObject({
      status: 'failed',
      error: { message: 'Too long.' },
    });
  });

  it.each([
    ['stored nowhere', { store: false }, 'store'],
    ['streamed', { stream: true }, 'stream'],
  ])('cannot be %s', async (_what, body, param) => {
    rig = await startResponses();
    const refused = await create(rig, body);
    expect([refused.status, refused.json.error.param]).toEqual([400, param]);
    expect(rig.jobs.rows.size).toBe(0);
  });

  it('for a model that nobody knows is refused at once', async () => {
    rig = await startResponses();
    expect((await create(rig, { model: 'nobody' })).status).toBe(404);
    expect(rig.jobs.rows.size).toBe(0);
  });

  it('asked for twice under one Idempotency-Key is one', async () => {
    rig = await startResponses();
    const key = { 'idempotency-key': 'one' };
    const [first, again] = [await create(rig, {}, key), await create(rig, {}, key)];
    expect(again.json.id).toBe(first.json.id);
    expect([...rig.jobs.rows.values()].filter(({ operation }) => operation === 'responses')).toHaveLength(1);
  });

  it('cannot be cancelled where it was made at once', async () => {
    rig = await startResponses();
    rig.upstream.answer(jsonOf(MADE));
    const made = await create(rig, { background: false });
    const refused = await call(rig, { path: `/v1/responses/${made.json.id}/cancel`, body: '' });
    expect(refused.status).toBe(400);
    expect((await call(rig, { path: '/v1/responses/resp_none/cancel', body: '' })).status).toBe(404);
  });
});
