import { chatBody, chatEvents, jsonOf, streamOf, type SeenRequest, type Step } from '../../support/fake-upstream.ts';
import { aCredential, aModel, anUpstream, aUser, call, CHAT, closedEvent, startRig, type Rig } from './rig.ts';

const GOOD = jsonOf(chatBody('Hello'));
const credentials = ['a', 'b', 'c', 'd'].map((name, index) => aCredential('first', name, { priority: index }));
const users = [aUser({ role: 'admin' })];
const ERROR_BODY = '{"error": {"message":"no", "type":"t","odd":1.0}}';

/** Answers by credential; those without an answer of their own answer well. */
function byCredential(answers: Record<string, Step[]>): (request: SeenRequest) => Step[] {
  return ({ headers }) => answers[headers.authorization?.replace('Bearer secret-of-', '') ?? ''] ?? GOOD;
}

describe('failover', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ credentials, users });
  });
  afterEach(() => rig.close());

  it.each([401, 402, 403, 408, 429, 500, 503])('asks another credential on status %i', async (status) => {
    rig.upstream.answer(byCredential({ a: jsonOf(ERROR_BODY, status) }));
    const answer = await call(rig);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-sluice-credential': 'b', 'x-sluice-attempts': '2' });
    const closing = await closedEvent(rig);
    expect(closing.credential).toBe('b');
    expect(closing.attempts.map((attempt) => [attempt.credential, attempt.status])).toEqual([
      ['a', status],
      ['b', 200],
    ]);
  });

  it.each([400, 404, 413, 415, 422])(
    'hands status %i of the caller’s fault through unchanged, at once',
    async (status) => {
      rig.upstream.answer(
        byCredential({ a: jsonOf(ERROR_BODY, status, { 'x-should-retry': 'false', server: 'secret' }) }),
      );
      const answer = await call(rig);
      expect(answer).toMatchObject({ status, text: ERROR_BODY });
      expect(answer.headers['x-should-retry']).toBe('false');
      expect(answer.headers['server']).toBeUndefined();
      expect(rig.upstream.requests).toHaveLength(1);
      expect(await closedEvent(rig)).toMatchObject({ source: 'void', status, error: 'bad_request', costMicros: 0 });
    },
  );

  it('asks three at most where the upstream may have worked each time', async () => {
    rig.upstream.answer(jsonOf(ERROR_BODY, 500));
    const answer = await call(rig);
    expect(answer).toMatchObject({ status: 502 });
    expect(rig.upstream.requests).toHaveLength(3);
    const closing = await closedEvent(rig);
    expect(closing).toMatchObject({ source: 'void', status: 502, error: 'upstream_error' });
    expect(closing.attempts).toHaveLength(3);
  });

  it('asks all where each only refuses, and then says when the first returns', async () => {
    rig.upstream.answer(
      byCredential(
        Object.fromEntries(
          ['a', 'b', 'c', 'd'].map((name, index) => [
            name,
            jsonOf(ERROR_BODY, 429, { 'retry-after': String(9 - index) }),
          ]),
        ),
      ),
    );
    const answer = await call(rig);
    expect(answer).toMatchObject({ status: 503, json: { error: { code: 'no_credential' } } });
    expect(answer.headers['retry-after']).toBe('6');
    expect(rig.upstream.requests).toHaveLength(4);
    expect(await closedEvent(rig)).toMatchObject({ source: 'void', status: 503, error: 'no_credential' });
  });

  it.each([401, 402, 403])('never lets the upstream’s %i pass for the client’s own', async (status) => {
    rig.upstream.answer(jsonOf('{"error":{"message":"Incorrect API key sk-abc provided"}}', status));
    const answer = await call(rig);
    expect(answer.status).toBe(502);
    expect(answer.json.error.code).toBe('upstream_credential_refused');
    expect(answer.text).not.toContain('sk-abc');
  });

  it('says a failure of the upstream as 502 with its sentence', async () => {
    rig.upstream.answer(jsonOf('{"error":{"message":"out of order"}}', 500));
    const answer = await call(rig);
    expect(answer.status).toBe(502);
    expect(answer.json.error).toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(/500: out of order/),
    });
  });

  it('does not follow redirects', async () => {
    rig.upstream.answer([{ head: 302, headers: { location: 'http://169.254.169.254/' } }]);
    const answer = await call(rig);
    expect(answer.status).toBe(502);
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('asks another when the connection breaks before the first content byte, headers or not', async () => {
    const stream = { ...CHAT, stream: true };
    rig.upstream.answer(
      byCredential({ a: [{ cut: true }], b: streamOf([], [{ cut: true }]), c: streamOf(chatEvents(['one'])) }),
    );
    const answer = await call(rig, { body: stream });
    expect(answer.text).toContain('"one"');
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect((await closedEvent(rig)).attempts.map(({ status, error }) => [status, error])).toEqual([
      [0, 'upstream_unreachable'],
      [200, 'upstream_cut'],
      [200, null],
    ]);
  });

  it('asks another when a stream begins with an error', async () => {
    const error = 'data: {"error":{"message":"overloaded"}}\n\n';
    rig.upstream.answer(byCredential({ a: streamOf([error]), b: streamOf(chatEvents(['one'])) }));
    const answer = await call(rig, { body: { ...CHAT, stream: true } });
    expect(answer.text).not.toContain('overloaded');
    expect(answer.text).toContain('"one"');
  });

  it('asks nobody else once content went out', async () => {
    rig.upstream.answer(byCredential({ a: streamOf(chatEvents(['one']).slice(0, 2), [{ cut: true }]) }));
    const answer = await call(rig, { body: { ...CHAT, stream: true } });
    expect(answer.text).toContain('upstream_cut');
    expect(rig.upstream.requests).toHaveLength(1);
  });

  it('refuses an answer in an encoding that nobody asked for', async () => {
    rig.upstream.answer(jsonOf('not gzip', 200, { 'content-encoding': 'gzip' }));
    const answer = await call(rig);
    expect(answer.json.error).toMatchObject({ code: 'upstream_error', message: expect.stringMatching(/gzip/) });
  });
});

describe('the order of candidates', () => {
  it('is the route’s priority, then the credential’s, and the model is named as each upstream names it', async () => {
    const routes = [
      { upstream: 'second', model: 'up-2', priority: 1, weight: 1 },
      { upstream: 'first', model: 'up-1', priority: 0, weight: 1 },
    ];
    const rig = await startRig({
      models: [aModel({ routes })],
      upstreams: (url) => [anUpstream('first', url), anUpstream('second', `${url}/second`)],
      credentials: [
        aCredential('first', 'later', { priority: 2 }),
        aCredential('first', 'sooner', { priority: 1 }),
        aCredential('second', 'last'),
      ],
    });
    rig.upstream.answer(byCredential({ sooner: jsonOf('{}', 500), later: jsonOf('{}', 500) }));
    await call(rig);
    await rig.close();
    expect(
      rig.upstream.requests.map(({ path, headers, body }) => [path, headers.authorization, JSON.parse(body).model]),
    ).toEqual([
      ['/v1/chat/completions', 'Bearer secret-of-sooner', 'up-1'],
      ['/v1/chat/completions', 'Bearer secret-of-later', 'up-1'],
      ['/v1/second/chat/completions', 'Bearer secret-of-last', 'up-2'],
    ]);
  });

  it('goes on past a credential that cannot be opened', async () => {
    const open = async (sealed: { ciphertext: string }): Promise<string> => {
      if (sealed.ciphertext === 'secret-of-a') throw new Error('wrong seed');
      return sealed.ciphertext;
    };
    const rig = await startRig({ credentials, deps: { opener: { open } } });
    rig.upstream.answer(GOOD);
    const answer = await call(rig);
    await rig.close();
    expect(answer.status).toBe(200);
    expect(rig.upstream.requests[0]?.headers.authorization).toBe('Bearer secret-of-b');
  });
});
