import { chatBody, chatEvents, jsonOf, streamOf } from '../../support/fake-upstream.ts';
import { aKey, aModel, aUser, call, CHAT, closedEvent, NOW, startRig, until, type Rig } from './rig.ts';

describe('limits', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  function sums(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const [name, value] of Object.entries(rig.accounts.rows.get('usr_1')?.counters ?? {})) {
      const measure = name.split('#').slice(0, 2).join('#');
      found[measure] = (found[measure] ?? 0) + value;
    }
    return found;
  }

  it('of the role bind by themselves, and every answer tells where the caller stands', async () => {
    rig = await startRig();
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const { headers } = await call(rig);
    expect(headers).toMatchObject({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': String(NOW + 60_000),
      'x-ratelimit-limit-tokens': '10000',
      'x-ratelimit-reset-tokens': String(NOW + 86_400_000),
    });
    // The settlement follows the answer: what was used takes the place of what was held.
    await closedEvent(rig);
    await until(() => Object.keys(rig.accounts.rows.get('usr_1')?.holds ?? {}).length === 0);
    expect(sums()).toEqual({ 'req#u': 1, 'tok#u': 30 });
  });

  it("do not bind an administrator's key without any, and its ledger account is not touched", async () => {
    rig = await startRig({ users: [aUser({ role: 'admin' })] });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const { status, headers } = await call(rig);
    expect([status, headers['x-ratelimit-limit-requests']]).toEqual([200, undefined]);
    expect(rig.accounts.rows.size).toBe(0);
  });

  it('refuse in the language of the SDKs, with the limit, its reset and no call upstream', async () => {
    rig = await startRig({ keys: [aKey({ limits: { requestsPerMinute: 1 } })] });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    await call(rig);
    const refused = await call(rig);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('60');
    expect(refused.headers['x-ratelimit-remaining-requests']).toBe('0');
    expect(refused.json.error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' });
    expect(refused.json.error.message).toMatch(/requests per minute of this API key: 1\. It resets at/);
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('of money tell the SDKs not to try again', async () => {
    rig = await startRig({ keys: [aKey({ limits: { budgetMicrosPerMonth: 30 } })] });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const refused = await call(rig);
    expect(refused.json.error).toMatchObject({ type: 'insufficient_quota', code: 'insufficient_quota' });
    expect(refused.headers['x-should-retry']).toBe('false');
    expect(rig.upstream.requests).toHaveLength(0);
  });

  it('of money cap the answer that the upstream may write, and say so', async () => {
    rig = await startRig({ keys: [aKey({ limits: { budgetMicrosPerMonth: 1_000 } })] });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const body = { ...CHAT, max_tokens: 5_000 };
    const { headers } = await call(rig, { body });
    const input = Math.ceil(JSON.stringify(body).length / 3);
    const cap = Math.floor((1_000 - input) / 2);
    expect(JSON.parse(rig.upstream.requests[0]!.body)).toEqual({ ...body, model: 'up', max_tokens: cap });
    expect(headers['x-sluice-warnings']).toContain(`capped at ${cap} tokens`);
  });

  it("leave the client's body alone where there is room for the whole answer", async () => {
    rig = await startRig({
      keys: [aKey({ limits: { budgetMicrosPerMonth: 1_000_000 } })],
      models: [aModel({ maxOutputTokens: 400 })],
    });
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    const { headers } = await call(rig);
    expect(JSON.parse(rig.upstream.requests[0]!.body)).toEqual({ ...CHAT, model: 'up' });
    expect(headers['x-sluice-warnings']).toBeUndefined();
  });

  it('give back what a request took that brought nothing', async () => {
    rig = await startRig({ keys: [aKey({ limits: { maxConcurrent: 1, perDay: { chat: 1 } } })] });
    rig.upstream.answer([{ head: 500 }]);
    expect((await call(rig)).status).toBe(502);
    await until(() => Object.keys(rig.accounts.rows.get('usr_1')?.holds ?? { x: '' }).length === 0);
    rig.upstream.answer(jsonOf(chatBody('Hello')));
    expect((await call(rig)).status).toBe(200);
  });

  it('of requests at the same time count a stream until its end', async () => {
    rig = await startRig({ keys: [aKey({ limits: { maxConcurrent: 1 } })] });
    let end = (): void => undefined;
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    const [first = '', ...rest] = chatEvents(['a', 'b']);
    rig.upstream.answer([
      { head: 200, headers: { 'content-type': 'text/event-stream' } },
      { write: first },
      { waitFor: ending },
      { write: rest.join('') },
    ]);
    const streaming = call(rig, { body: { ...CHAT, stream: true } });
    await until(() => rig.upstream.requests.length === 1);
    const second = await call(rig);
    expect(second.json.error.message).toMatch(/concurrent requests of this API key: 1/);
    end();
    await streaming;
    rig.upstream.answer(streamOf(chatEvents(['c'])));
    expect((await call(rig, { body: { ...CHAT, stream: true } })).status).toBe(200);
  });

  it('that cannot be read or written are a 503, and nothing reaches the upstream', async () => {
    const down = () => Promise.reject(new Error('down'));
    rig = await startRig();
    const broken = { ...rig.accounts, admit: down, read: down };
    await rig.close();
    rig = await startRig({ deps: { accounts: broken } });
    const { status, headers } = await call(rig);
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(rig.upstream.requests).toHaveLength(0);
  });
});
