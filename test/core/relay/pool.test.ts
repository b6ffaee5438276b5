import { PROBE_LEASE_MS } from '../../../layers/core/credentials/pool.ts';
import { chatBody, chatEvents, jsonOf, streamOf, type SeenRequest, type Step } from '../../support/fake-upstream.ts';
import { createManualScheduler } from '../../support/manual-scheduler.ts';
import { createMemoryPoolStates } from '../../support/memory-pool-states.ts';
import { aCredential, aUser, call, CHAT, closedEvent, NOW, startRig, until, type Rig, type RigOptions } from './rig.ts';

const GOOD = jsonOf(chatBody('Hello'));
const BUSY = '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}';
const STREAM = { ...CHAT, stream: true };
const users = [aUser({ role: 'admin' })];
/** The first is asked before the second, so that it is known whom a request meets. */
const pair = [aCredential('first', 'a'), aCredential('first', 'b', { priority: 1 })];

function limited(seconds: number): Step[] {
  return jsonOf(BUSY, 429, { 'retry-after': String(seconds) });
}

function nameOf({ headers }: SeenRequest): string {
  return headers.authorization?.replace('Bearer secret-of-', '') ?? '';
}

describe('the pool of a relay', () => {
  let rigs: Rig[] = [];
  let now = NOW;
  afterEach(async () => {
    await Promise.all(rigs.map((rig) => rig.close()));
    rigs = [];
    now = NOW;
  });

  async function start(options: RigOptions = {}): Promise<Rig> {
    const deps = { clock: () => now, ...options.deps };
    const rig = await startRig({ credentials: pair, users, ...options, deps });
    rigs.push(rig);
    return rig;
  }

  function answer(rig: Rig, answers: Record<string, Step[] | (() => Step[])>): void {
    rig.upstream.answer((request) => {
      const own = answers[nameOf(request)] ?? GOOD;
      return typeof own === 'function' ? own() : own;
    });
  }

  const asked = (rig: Rig): string[] => rig.upstream.requests.map(nameOf);

  async function askMany(rig: Rig, count: number): Promise<number[]> {
    const calls = await Promise.all(Array.from({ length: count }, () => call(rig)));
    return calls.map(({ status }) => status);
  }

  it('hides a 429 from every client, leaves the credential alone until then and brings it back by one probe', async () => {
    const rig = await start();
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    answer(rig, { a: limited(30) });
    expect((await call(rig)).status).toBe(200);
    expect(asked(rig)).toEqual(['a', 'b']);

    now = NOW + 29_999;
    expect(await askMany(rig, 10)).toEqual(Array<number>(10).fill(200));
    expect(asked(rig).filter((name) => name === 'a')).toHaveLength(1);

    now = NOW + 30_000;
    answer(rig, { a: [{ waitFor: held }, ...GOOD] });
    const parallel = askMany(rig, 50);
    await until(() => rig.upstream.requests.length === 2 + 10 + 50);
    expect(asked(rig).filter((name) => name === 'a')).toHaveLength(2);
    letGo();
    expect(await parallel).toEqual(Array<number>(50).fill(200));

    expect((await call(rig)).headers['x-sluice-credential']).toBe('a');
    expect(rig.poolStates.changes.map(({ from, to, reason }) => [from, to, reason])).toEqual([
      ['active', 'resting', 'rate_limited'],
      ['resting', 'probing', 'rate_limited'],
      ['probing', 'active', 'rate_limited'],
    ]);
  });

  it('lets one process probe when several would', async () => {
    const poolStates = createMemoryPoolStates();
    const [one, two] = [await start({ poolStates }), await start({ poolStates })] as [Rig, Rig];
    const hanging: Step[] = [{ hang: true }];
    answer(one, { a: limited(30) });
    await call(one);
    now = NOW + 30_000;
    answer(one, { a: hanging });
    answer(two, { a: hanging });
    const calls = [one, two].flatMap((rig) => Array.from({ length: 5 }, () => call(rig)));
    await until(() => asked(one).length + asked(two).length === 2 + 10);
    const probes = [...asked(one).slice(2), ...asked(two)].filter((name) => name === 'a');
    expect(probes).toEqual(['a']);
    await Promise.all([one.upstream.close(), two.upstream.close()]);
    await Promise.all(calls);
  });

  it('frees a probe whose process died once its lease is over', async () => {
    const poolStates = createMemoryPoolStates();
    const state = {
      upstream: 'first',
      credentialId: 'crd_a',
      model: 'up',
      reason: 'rate_limited',
      failures: 1,
      since: NOW - 60_000,
      until: NOW - 30_000,
      ownWord: true,
      secretDigest: '',
      probe: { holder: 'of a dead process', until: NOW + PROBE_LEASE_MS },
      version: 1,
    } as const;
    await poolStates.writeState(state);
    const rig = await start({ poolStates });
    answer(rig, {});
    await call(rig);
    now = NOW + PROBE_LEASE_MS - 1;
    await call(rig);
    now = NOW + PROBE_LEASE_MS;
    await call(rig);
    expect(asked(rig)).toEqual(['b', 'b', 'a']);
  });

  it('says when the first returns when all rest, and still tries one of them for every request', async () => {
    const rig = await start();
    answer(rig, { a: limited(30), b: limited(20) });
    const first = await call(rig);
    expect(first).toMatchObject({ status: 503, json: { error: { code: 'no_credential' } } });
    expect(first.headers['retry-after']).toBe('20');
    now = NOW + 5_000;
    const second = await call(rig);
    expect(second.status).toBe(503);
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    expect(asked(rig)).toEqual(['a', 'b', 'b']);
    answer(rig, { a: limited(30) });
    expect((await call(rig)).status).toBe(200);
  });

  it('passes the 429 of an only credential on as it is, and keeps asking it', async () => {
    const rig = await start({ credentials: [pair[0]!] });
    answer(rig, { a: limited(30) });
    for (let turn = 0; turn < 3; turn += 1) {
      const refused = await call(rig);
      expect(refused).toMatchObject({ status: 429, text: BUSY });
      expect(refused.headers['retry-after']).toBe('30');
    }
    expect(asked(rig)).toEqual(['a', 'a', 'a']);
    answer(rig, {});
    expect((await call(rig)).status).toBe(200);
  });

  it.each([401, 402, 403, 429, 500, 502, 503, 529])(
    'serves every request while one of three answers %i, and soon asks it no more',
    async (status) => {
      const credentials = ['a', 'b', 'c'].map((name, index) => aCredential('first', name, { priority: index }));
      const rig = await start({ credentials });
      answer(rig, { a: jsonOf('{"error":{"message":"no"}}', status) });
      for (let turn = 0; turn < 12; turn += 1) expect((await call(rig)).status).toBe(200);
      expect(asked(rig).filter((name) => name === 'a').length).toBeLessThanOrEqual(3);
      expect([...rig.poolStates.rows.values()].map(({ credentialId }) => credentialId)).toEqual(['crd_a']);
    },
  );

  it('leaves a credential with no money alone although its upstream calls it the caller’s fault', async () => {
    const rig = await start();
    const message = 'Your credit balance is too low to access the API.';
    answer(rig, { a: jsonOf(JSON.stringify({ error: { type: 'invalid_request_error', message } }), 400) });
    expect((await call(rig)).status).toBe(200);
    expect((await call(rig)).status).toBe(200);
    expect(asked(rig)).toEqual(['a', 'b', 'b']);
  });

  it('hurts only streams that have begun when an upstream falls silent', async () => {
    const scheduler = createManualScheduler();
    const rig = await start({ scheduler });
    const [role, word] = chatEvents(['one']) as [string, string];
    const silent = streamOf([role, word], [{ hang: true }]);
    answer(rig, { a: silent, b: streamOf(chatEvents(['two'])) });
    const begun = call(rig, { body: STREAM });
    await until(() => rig.upstream.requests.length === 1);
    answer(rig, { a: [{ hang: true }], b: streamOf(chatEvents(['two'])) });
    const waiting = call(rig, { body: STREAM });
    await until(() => rig.upstream.requests.length === 2);
    await turns(50);
    scheduler.advance(60_000);
    expect((await waiting).text).toContain('"two"');
    scheduler.advance(240_000);
    expect((await begun).text).toContain('upstream_timeout');
  });

  it('goes on past an upstream that only says that it lives', async () => {
    const scheduler = createManualScheduler();
    const rig = await start({ scheduler });
    answer(rig, { a: streamOf([': processing\n\n'], [{ hang: true }]), b: streamOf(chatEvents(['two'])) });
    const waiting = call(rig, { body: STREAM });
    await until(() => rig.upstream.requests.length === 1);
    await turns(50);
    scheduler.advance(60_000);
    const served = await waiting;
    expect(served.text).toMatch(/^: processing\n\n/);
    expect(served.text).toContain('"two"');
    expect(served.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('opens the circuit of one that keeps failing to begin, and of that one alone', async () => {
    const scheduler = createManualScheduler();
    const rig = await start({ scheduler });
    answer(rig, { a: [{ hang: true }], b: streamOf(chatEvents(['two'])) });
    for (let turn = 1; turn <= 2; turn += 1) {
      const waiting = call(rig, { body: STREAM });
      await until(() => asked(rig).filter((name) => name === 'a').length === turn);
      await turns(50);
      scheduler.advance(60_000);
      expect((await waiting).text).toContain('"two"');
    }
    expect((await call(rig, { body: STREAM })).text).toContain('"two"');
    expect(asked(rig)).toEqual(['a', 'b', 'a', 'b', 'b']);
    expect([...rig.poolStates.rows.values()]).toMatchObject([{ credentialId: 'crd_a', reason: 'timed_out' }]);
  });

  it('asks nobody more when the time of the whole request is up, and blames nobody', async () => {
    const scheduler = createManualScheduler();
    const slow = { firstByteMs: 900_000, firstContentMs: 900_000, idleMs: 900_000, totalMs: 840_000 };
    const patient = { chat: slow, heavy: slow, image: slow, video: slow };
    const rig = await start({ scheduler, timers: { byClass: patient } });
    answer(rig, { a: [{ hang: true }] });
    const waiting = call(rig);
    await until(() => rig.upstream.requests.length === 1);
    await turns(50);
    scheduler.advance(840_000);
    expect((await waiting).status).toBe(504);
    expect(asked(rig)).toEqual(['a']);
    expect(rig.poolStates.rows.size).toBe(0);
  });

  it('gives the last one all the time of its class', async () => {
    const scheduler = createManualScheduler();
    const rig = await start({ scheduler, credentials: [pair[0]!] });
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    answer(rig, { a: [{ waitFor: held }, ...streamOf(chatEvents(['late']))] });
    const waiting = call(rig, { body: STREAM });
    await until(() => rig.upstream.requests.length === 1);
    scheduler.advance(299_000);
    letGo();
    expect((await waiting).text).toContain('"late"');
  });

  it('writes nothing while all is well, and what it writes is written when the answer ends', async () => {
    const poolStates = createMemoryPoolStates();
    const rig = await start({ poolStates });
    answer(rig, {});
    for (let turn = 0; turn < 5; turn += 1) await call(rig);
    expect(poolStates.counts.writes).toBe(0);
    expect(poolStates.counts.reads).toBe(1);
    answer(rig, { a: limited(30) });
    await call(rig);
    expect(poolStates.rows.size).toBe(1);
    expect(poolStates.changes).toHaveLength(1);
    for (let turn = 0; turn < 5; turn += 1) await call(rig);
    expect(poolStates.counts.writes).toBe(1);
  });

  it('serves on when the store of the states fails', async () => {
    const poolStates = createMemoryPoolStates();
    const broken = () => Promise.reject(new Error('no table'));
    const rig = await start({ poolStates: { ...poolStates, listStates: broken, writeState: broken } });
    answer(rig, { a: limited(30) });
    for (let turn = 0; turn < 3; turn += 1) expect((await call(rig)).status).toBe(200);
    expect(asked(rig)).toEqual(['a', 'b', 'b', 'b']);
    expect(rig.log.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['pool_states_unread', 'pool_state_unwritten']),
    );
  });

  it('does not hold a new secret to what the old one did', async () => {
    const poolStates = createMemoryPoolStates();
    const before = await start({
      poolStates,
      credentials: [aCredential('first', 'a', { secretDigest: 'old' }), pair[1]!],
    });
    answer(before, { a: jsonOf('{}', 401) });
    await call(before);
    const after = await start({
      poolStates,
      credentials: [aCredential('first', 'a', { secretDigest: 'new' }), pair[1]!],
    });
    answer(after, {});
    await call(after);
    expect(asked(after)).toEqual(['a']);
  });

  it('gives a probe back without a verdict when its client leaves', async () => {
    const rig = await start();
    answer(rig, { a: limited(30) });
    await call(rig);
    now = NOW + 30_000;
    answer(rig, { a: streamOf([': wait\n\n'], [{ hang: true }]) });
    await call(rig, { body: STREAM, onData: () => 'leave' });
    await until(() => [...rig.usage.rows.values()].every((row) => row.phase === 'closed'));
    expect([...rig.poolStates.rows.values()]).toMatchObject([{ failures: 1, probe: null }]);
    answer(rig, {});
    expect((await call(rig)).headers['x-sluice-credential']).toBe('a');
  });

  it('charges a stream that breaks in the middle to the credential that broke it', async () => {
    const rig = await start();
    answer(rig, { a: streamOf(chatEvents(['one']).slice(0, 2), [{ cut: true }]), b: streamOf(chatEvents(['two'])) });
    await call(rig, { body: STREAM });
    await call(rig, { body: STREAM });
    expect((await call(rig, { body: STREAM })).text).toContain('"two"');
    expect(asked(rig)).toEqual(['a', 'a', 'b']);
    expect([...rig.poolStates.rows.values()]).toMatchObject([{ credentialId: 'crd_a', reason: 'broken' }]);
  });

  it('goes on to another credential when one is at a limit of its own, and says when the first is free again', async () => {
    const limits = { requestsPerMinute: 1 };
    const rig = await start({ credentials: pair.map((credential) => ({ ...credential, limits })) });
    answer(rig, {});
    const served = [await call(rig), await call(rig), await call(rig)];
    expect(served.map(({ status }) => status)).toEqual([200, 200, 503]);
    expect(asked(rig)).toEqual(['a', 'b']);
    expect(served[2]?.json.error.code).toBe('no_credential');
    expect(Number(served[2]?.headers['retry-after'])).toBeGreaterThan(0);
    expect(rig.poolStates.rows.size).toBe(0);
  });

  it('takes nothing from a credential that failed and was not the last', async () => {
    const limits = { requestsPerMinute: 2 };
    const rig = await start({ credentials: [{ ...pair[0]!, limits }, pair[1]!] });
    answer(rig, { a: jsonOf('{}', 500) });
    for (let turn = 0; turn < 2; turn += 1) expect((await call(rig)).status).toBe(200);
    answer(rig, {});
    for (let turn = 0; turn < 3; turn += 1) expect((await call(rig)).status).toBe(200);
    expect(asked(rig)).toEqual(['a', 'b', 'a', 'b', 'a', 'a', 'b']);
  });

  it('leaves the credential of a request that is the client’s own fault in peace', async () => {
    const rig = await start();
    answer(rig, { a: jsonOf('{"error":{"message":"bad"}}', 400) });
    for (let turn = 0; turn < 5; turn += 1) expect((await call(rig)).status).toBe(400);
    expect(rig.poolStates.rows.size).toBe(0);
    expect((await closedEvent(rig)).credential).toBeNull();
  });
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
