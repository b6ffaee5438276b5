import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CHECK_TICK_MS,
  checkCredentials,
  dueNow,
  type CheckDeps,
} from '../../../../layers/core/credentials/check/check-credentials.ts';
import { testCredential, type TestReport } from '../../../../layers/core/credentials/check/test-credential.ts';
import { ALL_MODELS, type PoolState } from '../../../../layers/core/credentials/pool-state.ts';
import type { Credential, SealedValue, Upstream } from '../../../../layers/core/credentials/store.ts';
import { sendOnce } from '../../../../layers/kit/http/send-once.ts';
import { chatBody, jsonOf, startFakeUpstream, type FakeUpstream, type Step } from '../../../support/fake-upstream.ts';
import { createManualScheduler } from '../../../support/manual-scheduler.ts';
import { createMemoryPoolStates, type MemoryPoolStates } from '../../../support/memory-pool-states.ts';
import { createMemoryVaultStore } from '../../../support/memory-stores.ts';
import { createMemoryTokens } from '../../../support/memory-tokens.ts';
import { aCredential, anUpstream, NOW } from '../../relay/rig.ts';

const MODEL = { name: 'up', outputCapField: 'max_tokens' } as const;
const LIST = jsonOf('{"object":"list","data":[]}');
const sealed = (text: string): SealedValue => ({ keyVersion: 'v1', encapsulatedSecret: '', ciphertext: text });

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.close());

let now: number;
let poolStates: MemoryPoolStates;
let tokens: ReturnType<typeof createMemoryTokens>;
let warnings: string[];
let renewals: string[];
beforeEach(() => {
  now = NOW;
  poolStates = createMemoryPoolStates();
  tokens = createMemoryTokens();
  warnings = [];
  renewals = [];
  upstream.requests.length = 0;
});

function common(credentials: Credential[], change: Partial<Upstream> = {}) {
  const upstreams = [anUpstream('first', upstream.baseUrl, change)];
  return {
    vault: createMemoryVaultStore({ upstreams, credentials, tokens }),
    tokens,
    poolStates,
    opener: { open: async ({ ciphertext }: SealedValue) => ciphertext },
    send: (call: Parameters<CheckDeps['send']>[0]) =>
      sendOnce({ ...call, allowedNetworks: ['127.0.0.0/8'], connectTimeoutMs: 500, timeoutMs: 500 }),
    clock: () => now,
    logger: { warn: (event: string) => void warnings.push(event), info: () => undefined },
  };
}

const resting = (change: Partial<PoolState> = {}): PoolState => ({
  upstream: 'first',
  credentialId: 'crd_a',
  model: ALL_MODELS,
  reason: 'credential_invalid',
  failures: 3,
  since: NOW - 60_000,
  until: NOW + 60_000,
  ownWord: false,
  secretDigest: '',
  probe: null,
  version: 1,
  ...change,
});

interface Tested {
  credential?: Credential;
  upstream?: Partial<Upstream>;
  model?: typeof MODEL | null;
  states?: PoolState[];
}

async function tested(answer: Step[], given: Tested = {}): Promise<TestReport> {
  const { credential = aCredential('first', 'a'), model = MODEL, states = [] } = given;
  for (const state of states) await poolStates.writeState(state);
  upstream.answer(answer);
  const deps = {
    ...common([credential], given.upstream),
    scheduler: createManualScheduler(),
    renew: async ({ credentialId }: { credentialId: string }) => void renewals.push(credentialId),
  };
  return testCredential(deps, { upstream: 'first', credentialId: credential.id, model, who: 'ann' });
}

const healths = (): number[] => [...poolStates.rows.values()].map(({ failures }) => failures);

describe('a test of a credential', () => {
  it('greets the model with the secret, and a success ends what was held against it', async () => {
    const other = resting({ model: 'another', reason: 'rate_limited' });
    const states = [resting(), resting({ model: 'up', reason: 'rate_limited', ownWord: true }), other];
    const report = await tested(jsonOf(chatBody('Hello')), { states });
    expect(report).toMatchObject({ outcome: 'passed', upstreamStatus: 200, reactivated: true });
    const [seen] = upstream.requests;
    expect(seen).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(seen!.headers.authorization).toBe('Bearer secret-of-a');
    expect(JSON.parse(seen!.body)).toMatchObject({ model: 'up', messages: [{ role: 'user', content: 'hi' }] });
    expect(healths()).toEqual([0, 0, 3]);
    expect(poolStates.changes).toMatchObject([
      { who: 'ann', from: 'resting', to: 'active', model: ALL_MODELS },
      { who: 'ann', from: 'resting', to: 'active', model: 'up' },
    ]);
  });

  it('reactivates nothing that did not rest', async () => {
    expect(await tested(jsonOf(chatBody('Hello')))).toMatchObject({ outcome: 'passed', reactivated: false });
    expect(poolStates.changes).toEqual([]);
  });

  it('by the list of models proves the key and nothing of its money', async () => {
    const invalid = await tested(LIST, { model: null, states: [resting()] });
    expect(invalid).toMatchObject({ outcome: 'passed', reactivated: true });
    expect(upstream.requests[0]).toMatchObject({ method: 'GET', path: '/v1/models', body: '' });
    poolStates.rows.clear();
    const spent = await tested(LIST, { model: null, states: [resting({ reason: 'quota_exhausted' })] });
    expect(spent).toMatchObject({ outcome: 'passed', reactivated: false });
    expect(healths()).toEqual([3]);
  });

  it.each([
    [401, 'credential_invalid', ALL_MODELS],
    [429, 'rate_limited', 'up'],
    [402, 'payment_required', ALL_MODELS],
    [500, 'broken', 'up'],
  ])('that is answered with %i rests at once, for the reason %s', async (status, reason, model) => {
    const report = await tested(jsonOf('{"error":{"message":"No, secret-of-a is not welcome"}}', status));
    expect(report).toMatchObject({ outcome: 'failed', upstreamStatus: status, reactivated: false });
    expect(report.text).toContain('is not welcome');
    expect(report.text).not.toContain('secret-of-a');
    expect([...poolStates.rows.values()]).toMatchObject([{ reason, model, failures: 1 }]);
    expect(poolStates.changes).toMatchObject([{ who: 'ann', to: 'resting' }]);
  });

  it.each([404, 405, 422])('that is answered with %i says nothing of the credential', async (status) => {
    const report = await tested(jsonOf('{"error":{"message":"no such model"}}', status), { states: [resting()] });
    expect(report).toMatchObject({ outcome: 'unknown', upstreamStatus: status, reactivated: false });
    expect(healths()).toEqual([3]);
  });

  it('through a proxy that cannot be used fails and calls nobody directly', async () => {
    const credential = aCredential('first', 'a', { proxyUrl: 'http://127.0.0.1:9' });
    const report = await tested(LIST, { credential, model: null });
    expect(report).toMatchObject({ outcome: 'failed', upstreamStatus: 0 });
    expect(upstream.requests).toEqual([]);
  });

  it('has an access token that is over renewed first, and asks nobody without one', async () => {
    const credential = aCredential('first', 'a', { kind: 'oauth', secret: null });
    tokens.change({ upstream: 'first', credentialId: 'crd_a' }, { kind: 'give', refreshToken: sealed('refresh'), now });
    const report = await tested(LIST, { credential, model: null });
    expect(report).toMatchObject({ outcome: 'no-token', upstreamStatus: 0 });
    expect([renewals, upstream.requests.length]).toEqual([['crd_a'], 0]);
  });

  it('that the relay alone could sign is said to be so', async () => {
    const credential = aCredential('first', 'a', { kind: 'aws_role', secret: sealed('eu-west-1') });
    const report = await tested(LIST, { credential, upstream: { vendor: 'bedrock', format: 'bedrock-converse' } });
    expect(report).toMatchObject({ outcome: 'unknown', upstreamStatus: 0 });
    expect(report.text).toMatch(/role of the relay/);
  });
});

interface Swept {
  credentials?: Credential[];
  upstream?: Partial<Upstream>;
  enabled?: boolean;
  force?: boolean;
  states?: PoolState[];
}

async function swept(answer: Parameters<FakeUpstream['answer']>[0], given: Swept = {}) {
  const { credentials = [aCredential('first', 'a')], enabled = true, force = true, states = [] } = given;
  for (const state of states) await poolStates.writeState(state);
  upstream.answer(answer);
  const pauses: number[] = [];
  const report = await checkCredentials(
    {
      ...common(credentials, given.upstream),
      scheduler: {
        monotonicMs: () => 0,
        after(ms, callback) {
          pauses.push(ms);
          setImmediate(callback);
          return () => undefined;
        },
      },
      readSettings: async () => ({ credentialChecks: { enabled, intervalMinutes: 60 } }),
      random: () => 0.5,
      mayGoOn: () => true,
    },
    { force },
  );
  return { report, pauses };
}

const three = ['a', 'b', 'c'].map((name) => aCredential('first', name));

describe('the sweep of checks', () => {
  it('asks nobody while it is off', async () => {
    const { report } = await swept(LIST, { enabled: false, force: false });
    expect([report.enabled, report.checked, upstream.requests.length]).toEqual([false, 0, 0]);
  });

  it('asks for lists of models, one after the other with pauses, and finds keys that were revoked', async () => {
    const { report, pauses } = await swept(
      ({ headers }) =>
        headers.authorization === 'Bearer secret-of-b' ? jsonOf('{"error":{"message":"gone"}}', 401) : LIST,
      { credentials: three },
    );
    expect(report).toMatchObject({ checked: 3, passed: 2, failed: 1, unknown: 0, skipped: 0, stopped: [] });
    expect(pauses).toEqual([1_000, 1_000]);
    expect(upstream.requests.every(({ method, path }) => method === 'GET' && path === '/v1/models')).toBe(true);
    expect([...poolStates.rows.values()]).toMatchObject([{ credentialId: 'crd_b', reason: 'credential_invalid' }]);
    expect(poolStates.changes).toMatchObject([{ who: 'check-credentials', credentialId: 'crd_b' }]);
    expect(warnings).toEqual(['credential_check_failed']);
  });

  it('finds keys that are good again once their rest is over', async () => {
    const { report } = await swept(LIST, { states: [resting({ until: NOW - 1 })] });
    expect(report).toMatchObject({ passed: 1, reactivated: 1 });
    expect(healths()).toEqual([0]);
  });

  it('leaves those alone that rest, whatever for, and those that are switched off', async () => {
    const off = aCredential('first', 'off', { enabled: false });
    const { report } = await swept(LIST, {
      credentials: [...three, off],
      states: [resting({ reason: 'rate_limited', model: 'm' })],
    });
    expect(report).toMatchObject({ checked: 2, skipped: 1 });
    expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer secret-of-b',
      'Bearer secret-of-c',
    ]);
  });

  it.each([429, 503, 404, 405])(
    'asks an upstream that says %i no further, and holds it against nobody',
    async (status) => {
      const { report } = await swept(jsonOf('{}', status), { credentials: three });
      expect(report).toMatchObject({ checked: 1, unknown: 1, skipped: 2, failed: 0, stopped: ['first'] });
      expect(upstream.requests).toHaveLength(1);
      expect(poolStates.rows.size).toBe(0);
    },
  );

  it('asks no upstream whose vendor has no such list', async () => {
    const credentials = [aCredential('first', 'a', { kind: 'api_key' })];
    const { report } = await swept(LIST, { credentials, upstream: { vendor: 'bedrock', format: 'bedrock-converse' } });
    expect(report).toMatchObject({ checked: 0, skipped: 1, stopped: ['first'] });
    expect(upstream.requests).toEqual([]);
  });

  it('goes on behind a proxy of one credential that cannot be used', async () => {
    const credentials = [aCredential('first', 'a', { proxyUrl: 'http://127.0.0.1:9' }), ...three.slice(1)];
    const { report } = await swept(LIST, { credentials });
    expect(report).toMatchObject({ checked: 3, passed: 2, unknown: 1, stopped: [] });
  });

  it('takes each credential once in an interval, at a tick of its own, and no more of an upstream than bears it', () => {
    const many = Array.from({ length: 1_200 }, (_, index) => aCredential('first', `n${index}`));
    for (const [credentials, ticks] of [
      [many.slice(0, 60), 6],
      [many, 12],
    ] as const) {
      const taken = Array.from({ length: ticks }, (_, tick) =>
        dueNow(credentials, { now: NOW + tick * CHECK_TICK_MS, intervalMs: 3_600_000 }),
      );
      expect(
        taken
          .flat()
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(credentials.map(({ id }) => id).toSorted());
      expect(Math.max(...taken.map(({ length }) => length))).toBeLessThan(150);
    }
  });
});
