import { evaluateAlerts } from '../../../layers/core/monitoring/evaluate-alerts.ts';
import { measure } from '../../../layers/core/monitoring/measure.ts';
import {
  aggregate,
  METRIC_NAMES,
  METRICS,
  type MetricName,
  type Series,
} from '../../../layers/core/monitoring/metrics.ts';
import { quantile } from '../../../layers/core/metering/service-sums.ts';
import type { PoolState } from '../../../layers/core/credentials/pool-state.ts';
import type { Credential } from '../../../layers/core/credentials/store.ts';
import { createRig, type Rig } from './rig.ts';
import { MINUTE, NOON } from './rules.ts';

async function series(rig: Rig, metric: MetricName): Promise<Series> {
  const found = await measure(rig.deps.measuring, { metrics: new Set([metric]), windowMs: 5 * MINUTE, now: rig.now() });
  return found.get(metric)!;
}

async function valueOf(rig: Rig, metric: MetricName): Promise<number | null> {
  const given = { metric, windowMs: 5 * MINUTE, atLeast: 1 };
  return aggregate(given, await series(rig, metric), { now: rig.now(), quantile });
}

async function withCredential(rig: Rig, change: Partial<Credential> = {}): Promise<void> {
  await rig.vault.putUpstream({
    name: 'openai',
    format: 'openai-chat',
    vendor: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    createdAt: 0,
    updatedAt: 0,
  });
  await rig.vault.putCredential({
    id: 'crd_a',
    upstream: 'openai',
    name: 'team-a',
    kind: 'api_key',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    limits: {},
    secret: { keyVersion: 'v1', encapsulatedSecret: '', ciphertext: '' },
    secretDigest: 'digest',
    createdAt: 0,
    updatedAt: 0,
    ...change,
  });
}

function rests(rig: Rig, change: Partial<PoolState> = {}): Promise<unknown> {
  return rig.poolStates.writeState({
    upstream: 'openai',
    credentialId: 'crd_a',
    model: '*',
    reason: 'unreachable',
    failures: 2,
    since: NOON - MINUTE,
    until: NOON - 30_000,
    ownWord: false,
    secretDigest: 'digest',
    probe: null,
    version: 1,
    ...change,
  });
}

describe('figures of usage', () => {
  it('are of the requests that were let in during the window', async () => {
    const rig = createRig();
    rig.serve({ requests: 100, failed: 50 });
    rig.pass(6);
    rig.serve({ requests: 8, failed: 2, firstByteMs: 400 });
    rig.serve({ requests: 2, failed: 2, status: 400, firstByteMs: 900 });
    expect(await valueOf(rig, 'requests')).toBe(10);
    expect(await valueOf(rig, 'errorRate')).toBe(40);
    expect(await valueOf(rig, 'faultRate')).toBe(20);
    expect(await valueOf(rig, 'meanFirstByteMs')).toBe(500);
    expect(await valueOf(rig, 'p95FirstByteMs')).toBeGreaterThan(500);
    expect(await valueOf(rig, 'meanDurationMs')).toBe(100);
    expect(await valueOf(rig, 'tokens')).toBe(180);
    expect(await valueOf(rig, 'costMicros')).toBe(70);
  });

  it('without a request: rates and means are unknown, sums are nothing', async () => {
    const rig = createRig();
    const unknown = ['errorRate', 'faultRate', 'meanFirstByteMs', 'p95FirstByteMs', 'meanDurationMs'] as const;
    for (const metric of unknown) expect([metric, await valueOf(rig, metric)]).toEqual([metric, null]);
    expect(await valueOf(rig, 'requests')).toBe(0);
  });
});

describe('an upstream', () => {
  it('is down when everything that reached it failed by no client’s fault, and up after one success', async () => {
    const rig = createRig();
    await withCredential(rig);
    expect(await valueOf(rig, 'upstreamsDown')).toBe(0);
    rig.serve({ requests: 3, failed: 3 });
    expect(await series(rig, 'upstreamsDown')).toMatchObject({ subjects: ['openai'], samples: [{ sum: 1 }] });
    rig.serve({ requests: 1 });
    expect(await valueOf(rig, 'upstreamsDown')).toBe(0);
  });

  it('is not to blame for requests that cannot be', async () => {
    const rig = createRig();
    await withCredential(rig);
    rig.serve({ requests: 3, failed: 3, status: 400 });
    expect(await valueOf(rig, 'upstreamsDown')).toBe(0);
  });

  it('is down while its only credential failed last and lately, and unknown when that is long ago', async () => {
    const rig = createRig();
    await withCredential(rig);
    await rests(rig);
    expect(await valueOf(rig, 'upstreamsDown')).toBe(1);
    rig.pass(11);
    expect(await valueOf(rig, 'upstreamsDown')).toBeNull();
    await withCredential(rig, { id: 'crd_b', name: 'team-b', secretDigest: 'another' });
    expect(await valueOf(rig, 'upstreamsDown')).toBe(0);
  });

  it('is well when it only asks to slow down, or when the secret that failed was replaced', async () => {
    const limited = createRig();
    await withCredential(limited);
    await rests(limited, { reason: 'rate_limited' });
    expect(await valueOf(limited, 'upstreamsDown')).toBe(0);
    const replaced = createRig();
    await withCredential(replaced, { secretDigest: 'new' });
    await rests(replaced);
    expect(await valueOf(replaced, 'upstreamsDown')).toBe(0);
  });
});

describe('a credential', () => {
  it.each<[PoolState['reason'], number]>([
    ['credential_invalid', 1],
    ['payment_required', 1],
    ['unreachable', 0],
  ])('that is %s: %d need attention', async (reason, count) => {
    const rig = createRig();
    await withCredential(rig);
    await rests(rig, { reason, until: NOON + MINUTE });
    const found = await series(rig, 'credentialsNeedingAttention');
    expect(found.subjects).toEqual(count === 1 ? ['openai/team-a'] : []);
  });

  it('that its operator switched off needs none', async () => {
    const rig = createRig();
    await withCredential(rig, { enabled: false });
    await rests(rig, { reason: 'payment_required', until: NOON + MINUTE });
    expect(await valueOf(rig, 'credentialsNeedingAttention')).toBe(0);
  });

  it('of OAuth is known by its access token, and needs attention when its refresh token is refused', async () => {
    const rig = createRig();
    await withCredential(rig, { kind: 'oauth', secret: null, secretDigest: '' });
    const row = rig.tokens.rows.get('openai\ncrd_a')!;
    row.accessDigest = 'of-the-token';
    await rests(rig, { reason: 'payment_required', secretDigest: 'of-the-one-before', until: NOON + MINUTE });
    expect(await valueOf(rig, 'credentialsNeedingAttention')).toBe(0);
    await rests(rig, { reason: 'payment_required', secretDigest: 'of-the-token', version: 2, until: NOON + MINUTE });
    expect(await valueOf(rig, 'credentialsNeedingAttention')).toBe(1);
    row.accessDigest = 'of-the-next';
    expect(await valueOf(rig, 'credentialsNeedingAttention')).toBe(0);
    row.invalid = { attempt: 'one', at: NOON - MINUTE, reason: 'invalid_grant' };
    expect(await series(rig, 'credentialsNeedingAttention')).toMatchObject({ subjects: ['openai/team-a'] });
    expect(await series(rig, 'upstreamsDown')).toMatchObject({ subjects: ['openai'] });
    row.invalid = null;
    expect(await valueOf(rig, 'credentialsNeedingAttention')).toBe(0);
    // It serves until its access token is over, and an operator has to decide before that.
    row.ambiguous = { attempt: 'one', at: NOON - MINUTE, reason: 'no answer' };
    expect(await series(rig, 'credentialsNeedingAttention')).toMatchObject({ subjects: ['openai/team-a'] });
    expect(await valueOf(rig, 'upstreamsDown')).toBe(0);
  });
});

describe('budgets', () => {
  const march = `usd#u#M${Math.floor(Date.parse('2026-03-01T00:00:00Z') / 1000).toString(36)}`;

  it('of credentials, and of users who asked lately, are seen as far as they are used', async () => {
    const rig = createRig();
    await withCredential(rig, { limits: { budgetMicrosPerMonth: 1_000 } });
    expect(await valueOf(rig, 'budgetUsedPercent')).toBe(0);
    await rig.accounts.ensure('credential:crd_a', 0);
    rig.accounts.rows.get('credential:crd_a')!.counters = { [march]: 950 };
    expect(await series(rig, 'budgetUsedPercent')).toMatchObject({
      subjects: ['credential openai/team-a'],
      samples: [{ sum: 95 }],
    });
    rig.addUser({ role: 'user', username: 'ann', limits: { budgetMicrosPerMonth: 100 } });
    await rig.accounts.ensure('usr_1', 0);
    rig.accounts.rows.get('usr_1')!.counters = { [march]: 99 };
    expect(await valueOf(rig, 'budgetUsedPercent')).toBe(95);
    rig.serve({ requests: 1, userId: 'usr_1' });
    expect(await valueOf(rig, 'budgetUsedPercent')).toBe(99);
  });
});

describe('what schedules and the relay noted', () => {
  it('counts within the window', async () => {
    const rig = createRig();
    rig.incidents.push(
      { kind: 'ledgerDrift', at: NOON - 6 * MINUTE, count: 5 },
      { kind: 'ledgerDrift', at: NOON - MINUTE, count: 2 },
    );
    expect(await valueOf(rig, 'ledgerDrift')).toBe(2);
    expect(await valueOf(rig, 'lateUsage')).toBe(0);
  });

  it('a schedule that is behind counts from what is usual; one that never ran does not', async () => {
    const rig = createRig();
    expect(await valueOf(rig, 'scheduleDelayMinutes')).toBe(0);
    rig.deps.measuring.sweep.readSweptUntil = async () => rig.now() - 90 * MINUTE;
    expect(await series(rig, 'scheduleDelayMinutes')).toMatchObject({
      subjects: ['sweep-holds'],
      samples: [{ sum: 61 }],
    });
    rig.deps.measuring.sweep.readSweptUntil = async () => null;
    expect(await valueOf(rig, 'scheduleDelayMinutes')).toBeNull();
  });
});

describe('every metric', () => {
  it('is told by its source, and unknown without one', async () => {
    const rig = createRig();
    const found = await measure(rig.deps.measuring, {
      metrics: new Set(METRIC_NAMES),
      windowMs: MINUTE,
      now: rig.now(),
    });
    for (const metric of METRIC_NAMES) {
      expect([metric, found.get(metric)?.isKnown ?? false]).toEqual([metric, METRICS[metric].source !== null]);
    }
  });

  it('a new deployment, with nothing in it, fires nothing', async () => {
    const { report } = await evaluateAlerts(createRig().deps);
    expect(report).toMatchObject({ fired: 0, firing: 0, delivered: 0 });
    expect(report.rules).toBeGreaterThan(8);
  });
});
