import { describe, expect, it, afterEach } from '@jest/globals';
import { createManualScheduler } from '../../support/manual-scheduler.ts';
import { jsonOf } from '../../support/fake-upstream.ts';
import { aUser, aKey, call, CHAT, NOW, SECRET, startRig, until, type Call, type CallOptions, type Rig } from './rig.ts';

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'up',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});

function keyed(key: string, options: CallOptions = {}): CallOptions {
  return { ...options, headers: { 'idempotency-key': key, ...options.headers } };
}

function closedEvents(rig: Rig) {
  return [...rig.usage.rows.values()].filter(({ closing }) => closing !== null && closing.source !== 'void');
}

describe('a request under an Idempotency-Key', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('is answered again without another call, and costs once', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(ANSWER));
    const first = await call(rig, keyed('one'));
    const again = await call(rig, keyed('one'));
    expect(first.status).toBe(200);
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.headers['x-sluice-original-request-id']).toBe(first.headers['x-sluice-request-id']);
    expect(again.headers['x-sluice-request-id']).not.toBe(first.headers['x-sluice-request-id']);
    expect(rig.upstream.requests).toHaveLength(1);
    expect(closedEvents(rig)).toHaveLength(1);
  });

  it('is another one on another path, of another user, and under another key', async () => {
    const other = 'sk-chosen-by-the-other-0123456789abcdef';
    rig = await startRig({
      users: [aUser(), aUser({ id: 'usr_2', username: 'bob' } as never)],
      keys: [aKey(), aKey({ id: 'key_2', ownerId: 'usr_2', secret: other } as never)],
    });
    rig.upstream.answer(jsonOf(ANSWER));
    await call(rig, keyed('one'));
    await call(rig, keyed('one', { path: '/api/v1/chat/completions' }));
    await call(rig, keyed('two'));
    await call(rig, keyed('one', { headers: { authorization: `Bearer ${other}` } }));
    expect(rig.upstream.requests).toHaveLength(4);
  });

  it('with another body is refused with 422, whatever became of the first', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(ANSWER));
    await call(rig, keyed('one'));
    const other = await call(rig, keyed('one', { body: { ...CHAT, temperature: 0 } }));
    expect([other.status, other.json.error.code]).toEqual([422, 'idempotency_key_reused']);
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('asked for in parallel is done once, and all get the same answer', async () => {
    rig = await startRig();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'application/json' } },
      { waitFor: promise },
      { write: ANSWER },
    ]);
    const calls = Array.from({ length: 5 }, () => call(rig, keyed('one')));
    await until(() => rig.upstream.requests.length === 1);
    resolve();
    const answers = await Promise.all(calls);
    expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(() => [200, ANSWER]));
    expect(rig.upstream.requests).toHaveLength(1);
    expect(closedEvents(rig)).toHaveLength(1);
  });

  it('goes on when its client leaves, and is there for whoever asks again', async () => {
    rig = await startRig();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([
      { waitFor: promise },
      { head: 200, headers: { 'content-type': 'application/json' } },
      { write: ANSWER },
    ]);
    const leaver = new AbortController();
    const left = fetch(`${rig.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', 'idempotency-key': 'one' },
      body: JSON.stringify(CHAT),
      signal: leaver.signal,
    }).catch(() => 'left');
    await until(() => rig.upstream.requests.length === 1);
    leaver.abort();
    await left;
    resolve();
    const again = await call(rig, keyed('one'));
    expect([again.status, again.text]).toEqual([200, ANSWER]);
    expect(rig.upstream.requests).toHaveLength(1);
    const [event] = closedEvents(rig);
    expect(event?.closing?.source).toBe('reported');
  });

  it.each([
    ['a refusal of ours', { body: { ...CHAT, model: 'nobody' } }, 404, 0],
    ['a refusal of the upstream', {}, 400, 1],
  ] as const)('that ended in %s may be tried again under the same key', async (_what, options, status, calls) => {
    rig = await startRig();
    rig.upstream.answer(jsonOf('{"error":{"message":"no"}}', 400));
    expect((await call(rig, keyed('one', options))).status).toBe(status);
    expect((await call(rig, keyed('one', options))).status).toBe(status);
    expect(rig.upstream.requests).toHaveLength(calls * 2);
    expect(rig.jobs.rows.size).toBe(0);
  });

  it('whose upstream broke off unheard is not sent again, by us or under the key', async () => {
    rig = await startRig();
    rig.upstream.answer([{ cut: true }]);
    const first = await call(rig, keyed('one'));
    expect(first.status).toBe(502);
    rig.upstream.answer(jsonOf(ANSWER));
    const again = await call(rig, keyed('one'));
    expect([again.status, again.headers['x-should-retry'], again.text]).toEqual([502, 'false', first.text]);
    expect(rig.upstream.requests).toHaveLength(1);
    expect((await call(rig, keyed('two'))).status).toBe(200);
  });

  it('whose process died after the upstream was asked is told to be unknown, and not sent again', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(ANSWER));
    await call(rig, keyed('one'));
    const [[key, job]] = [...rig.jobs.rows] as [[string, NonNullable<ReturnType<Rig['jobs']['rows']['get']>>]];
    rig.jobs.rows.set(key, {
      ...job,
      state: 'running',
      finishedAt: null,
      answerStatus: null,
      lease: { owner: 'dead', until: NOW },
    });
    const again = await call(rig, keyed('one'));
    expect([again.status, again.json.error.code]).toEqual([409, 'outcome_unknown']);
    expect(again.headers['x-should-retry']).toBe('false');
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('whose process died before the upstream was asked is done by whoever asks next', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(ANSWER));
    await call(rig, keyed('one'));
    const [[key, job]] = [...rig.jobs.rows] as [[string, NonNullable<ReturnType<Rig['jobs']['rows']['get']>>]];
    rig.jobs.rows.set(key, {
      ...job,
      state: 'running',
      finishedAt: null,
      answerStatus: null,
      sentAt: null,
      lease: { owner: 'dead', until: NOW },
    });
    expect((await call(rig, keyed('one'))).status).toBe(200);
    expect(rig.upstream.requests).toHaveLength(2);
  });

  it('that streams is not kept, and says so', async () => {
    rig = await startRig();
    rig.upstream.answer(() => [
      { head: 200, headers: { 'content-type': 'text/event-stream' } },
      { write: 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n' },
    ]);
    const stream = { body: { ...CHAT, stream: true } };
    const answers = [await call(rig, keyed('one', stream)), await call(rig, keyed('one', stream))];
    expect(answers.map(({ headers }) => headers['x-sluice-warnings'])).toEqual(
      answers.map(() => expect.stringContaining('Idempotency-Key')),
    );
    expect(rig.upstream.requests).toHaveLength(2);
    expect(rig.jobs.rows.size).toBe(0);
  });

  it('needs a key that is one, and a caller who is known', async () => {
    rig = await startRig();
    const long = await call(rig, keyed('x'.repeat(256)));
    expect([long.status, long.json.error.param]).toEqual([400, 'idempotency-key']);
    const stranger: Call = await call(rig, keyed('one', { headers: { authorization: 'Bearer nobody' } }));
    expect(stranger.status).toBe(401);
  });

  it('is the same form whatever boundary its sender drew', async () => {
    const { digestRequest } = await import('@sluice/core/media/request-digest');
    rig = await startRig();
    const form = (boundary: string, value: string) => ({
      method: 'POST',
      path: '/v1/images/edits',
      query: '',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n--${boundary}--\r\n`,
      ),
      clientAddress: '',
    });
    expect(digestRequest(form('aaa', '1'))).toBe(digestRequest(form('bbbbbb', '1')));
    expect(digestRequest(form('aaa', '1'))).not.toBe(digestRequest(form('aaa', '2')));
  });
});

describe('a runner that lives', () => {
  it('gives signs of life, so that nobody takes its job', async () => {
    const scheduler = createManualScheduler();
    const rig = await startRig({ scheduler });
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.upstream.answer([{ waitFor: promise }, ...jsonOf(ANSWER)]);
    const calling = call(rig, keyed('one'));
    await until(() => rig.upstream.requests.length === 1);
    let signs = 0;
    const { renew } = rig.jobs;
    rig.jobs.renew = (...given) => {
      signs += 1;
      return renew(...given);
    };
    for (let turn = 0; turn < 12; turn += 1) {
      const before = signs;
      scheduler.advance(10_000);
      await until(() => signs > before);
      await new Promise((next) => {
        setImmediate(next);
      });
    }
    resolve();
    expect((await calling).status).toBe(200);
    await rig.close();
    expect(signs).toBeGreaterThanOrEqual(12);
  });
});
