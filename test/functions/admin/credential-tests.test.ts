import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AdminPorts } from '../../../functions/admin/services.ts';
import { ACCOUNT_SCOPE, counterName, MEASURES } from '../../../layers/core/metering/measures.ts';
import { windowAt } from '../../../layers/core/metering/windows.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { createMemoryHedges } from '../../support/memory-hedges.ts';
import { createStage, type Stage } from './support/admin-stage.ts';

type AskTest = AdminPorts['askTest'];

let stage: Stage;
let headers: Record<string, string>;
let asked: Parameters<AskTest>[];
let report: Awaited<ReturnType<AskTest>>;
let hedges: ReturnType<typeof createMemoryHedges>;

const put = (path: string, body: object, method = 'PUT') => stage.call(path, { method, headers, body });

beforeEach(async () => {
  asked = [];
  report = { outcome: 'passed', upstreamStatus: 200, text: 'It answered.', reactivated: true, durationMs: 7 };
  hedges = createMemoryHedges();
  stage = createStage({
    hedges,
    askTest: async (...call) => {
      asked.push(call);
      return report;
    },
  });
  headers = await stage.as('admin');
  await put('/api/admin/upstreams/first', {
    format: 'openai-chat',
    vendor: 'openai',
    baseUrl: 'https://api.openai.com/v1',
  });
  await put('/api/admin/credentials', { upstream: 'first', name: 'a', secret: 'sk-of-the-upstream' }, 'POST');
  await put('/api/admin/models/public', {
    class: 'chat',
    routes: [{ upstream: 'first', model: 'gpt-up', priority: 0, weight: 1 }],
  });
});

const idOf = async (): Promise<string> => (await stage.vault.listCredentials('first'))[0]!.id;
const test = async (body?: object) =>
  stage.call(`/api/admin/credentials/first/${await idOf()}/test`, { method: 'POST', headers, ...(body && { body }) });

describe('a test of a credential', () => {
  it('greets the first model that is routed there, in the operator’s name', async () => {
    const { status, json } = await test({});
    expect(status).toBe(200);
    expect(json.data).toMatchObject({
      outcome: 'passed',
      upstreamStatus: 200,
      reactivated: true,
      model: 'gpt-up',
      state: 'active',
      stateReason: null,
    });
    const [key, what] = asked[0]!;
    expect(key).toEqual({ upstream: 'first', credentialId: await idOf() });
    expect(what.model).toEqual({ name: 'gpt-up', outputCapField: 'max_completion_tokens' });
    expect(what.who).not.toBe('');
  });

  it('takes a public model, or the upstream’s own name of one, or only the list', async () => {
    await test({ model: 'public' });
    await test({ model: 'gpt-else' });
    await test({ listOnly: true });
    expect(asked.map(([, { model }]) => model?.name ?? null)).toEqual(['gpt-up', 'gpt-else', null]);
  });

  it('that failed is an answer all the same, with the state that it left', async () => {
    report = { ...report, outcome: 'failed', upstreamStatus: 401, reactivated: false, text: 'No.' };
    await stage.poolStates.writeState({
      upstream: 'first',
      credentialId: await idOf(),
      model: '*',
      reason: 'credential_invalid',
      failures: 1,
      since: stage.now.ms,
      until: stage.now.ms + 60_000,
      ownWord: false,
      secretDigest: (await stage.vault.listCredentials('first'))[0]!.secretDigest,
      probe: null,
      version: 1,
    });
    const { status, json } = await test({});
    expect([status, json.data.outcome, json.data.state, json.data.stateReason]).toEqual([
      200,
      'failed',
      'invalid',
      'credential_invalid',
    ]);
  });

  it('is not for users, and not of credentials that are not there', async () => {
    const user = await stage.as('user');
    const path = `/api/admin/credentials/first/${await idOf()}/test`;
    expect((await stage.call(path, { method: 'POST', headers: user, body: {} })).status).toBe(403);
    expect(
      (await stage.call('/api/admin/credentials/first/crd_x/test', { method: 'POST', headers, body: {} })).status,
    ).toBe(404);
    expect(asked).toEqual([]);
  });
});

describe('the state of a credential', () => {
  it('is exhausted while the limits that it was given leave nothing', async () => {
    const path = `/api/admin/credentials/first/${await idOf()}`;
    await put(path, { limits: { tokensPerDay: 100 } }, 'PATCH');
    const shown = async () => (await test({ listOnly: true })).json.data;
    expect(await shown()).toMatchObject({ state: 'active', stateReason: null });
    const accountId = `credential:${await idOf()}`;
    await stage.accounts.ensure(accountId, Math.floor(stage.now.ms / 1_000));
    const grid = { createdAt: Math.floor(stage.now.ms / 1_000), offsetMinutes: 0 };
    const day = windowAt(MEASURES.t.window!, stage.now.ms, grid);
    await stage.accounts.admit({
      accountId,
      requestId: createRequestId(stage.now.ms),
      hold: 'h',
      entitlement: 0,
      counters: [{ name: counterName('t', ACCOUNT_SCOPE, day.name), amount: 100, room: 0 }],
      mostHolds: 10,
    });
    expect(await shown()).toMatchObject({
      state: 'exhausted',
      stateReason: 'own_limit',
      stateUntil: '2026-03-02T00:00:00.000Z',
    });
  });
});

describe('what second calls cost', () => {
  it('is told by day, newest first, with the day’s sum', async () => {
    const today = new Date(stage.now.ms).toISOString().slice(0, 10);
    await hedges.take(today, { micros: 30, cap: 100 });
    await hedges.settle(today, { differenceMicros: -10, races: 1, won: 1 });
    const { json } = await stage.call('/api/admin/hedging?days=3', { headers });
    expect(json.data).toEqual({
      enabled: false,
      daily_budget_micros: 1_000_000,
      days: [{ day: today, spent_micros: 20, races: 1, won: 1 }],
    });
  });
});
