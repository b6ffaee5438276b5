import type { Price } from '../../../layers/core/catalog/store.ts';
import { encodeHold } from '../../../layers/core/metering/hold-text.ts';
import type { UsageEvent } from '../../../layers/core/metering/store.ts';
import { createMemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const PRICE: Price = {
  version: 1,
  inputMicros: 1_000_000,
  outputMicros: 4_000_000,
  cacheReadMicros: 250_000,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: null,
  audioMicros: null,
  imageMicros: null,
  requestMicros: 100,
};

async function aStage(events: UsageEvent[]): Promise<Stage> {
  const usage = createMemoryUsageStore(events);
  const stage = createStage({ usage, rollUps: createMemoryRollUpStore(usage.rows) });
  for (const role of ['user', 'admin'] as const) await stage.as(role);
  stage.services.catalog.findPrice = async (model, version) =>
    model === 'gpt-5' && version === PRICE.version ? PRICE : null;
  return stage;
}

async function story(stage: Stage, role: 'user' | 'admin', id: string): Promise<Json> {
  const { status, json } = await stage.call(`/api/usage/requests/${id}`, { headers: await stage.as(role) });
  return status === 200 ? json.data : status;
}

describe('the story of a request', () => {
  it('says by which parts and rates of which version it cost what it cost', async () => {
    const event = aUsageEvent(NOON - 1000, {}, { costMicros: 135 });
    const { price, row, user, phase } = await story(await aStage([event]), 'admin', event.requestId);
    expect(price).toEqual({
      version: 1,
      tier_above: null,
      lines: [
        { part: 'input', count: 10, rate_micros: 1_000_000, per: 1_000_000, micros: 10 },
        { part: 'cache_read', count: 2, rate_micros: 250_000, per: 1_000_000, micros: 0.5 },
        { part: 'output', count: 5, rate_micros: 4_000_000, per: 1_000_000, micros: 20 },
        { part: 'reasoning', count: 1, rate_micros: 4_000_000, per: 1_000_000, micros: 4 },
        { part: 'request', count: 1, rate_micros: 100, per: 1, micros: 100 },
      ],
      sum_micros: 135,
    });
    expect([phase, row.cost_micros, user]).toEqual(['closed', 135, { id: 'usr_user', name: 'some-user' }]);
  });

  it('is told to its user without upstreams, and to nobody else but administrators', async () => {
    const own = aUsageEvent(NOON - 1000);
    const foreign = aUsageEvent(NOON - 1000, { userId: 'usr_admin' });
    const stage = await aStage([own, foreign]);
    expect((await story(stage, 'user', own.requestId)).row).toMatchObject({ upstream: null, attempts: [] });
    expect((await story(stage, 'admin', own.requestId)).row.attempts).toHaveLength(1);
    expect(await story(stage, 'user', foreign.requestId)).toBe(404);
    expect(await story(stage, 'admin', '0000000000000000')).toBe(404);
  });

  it('says of a failure whether trying again may help', async () => {
    const event = aUsageEvent(NOON - 1000, {}, { status: 429, error: 'rate_limit_exceeded' });
    expect((await story(await aStage([event]), 'user', event.requestId)).error).toEqual({
      code: 'rate_limit_exceeded',
      type: 'rate_limit_error',
      status: 429,
      retryable: true,
    });
  });

  it('tells of a request under way what is held for it', async () => {
    const event = aUsageEvent(NOON - 1000, { phase: 'open', closing: null, isHeld: true } as Partial<UsageEvent>);
    const stage = await aStage([event]);
    const text = encodeHold({
      accountMeasures: [],
      keyScope: null,
      keyMeasures: [],
      amounts: { softTokens: 40, hardTokens: 0, micros: 7, units: 1 },
      offsetMinutes: 0,
      planId: null,
    });
    const none = { createdAt: 0, entitlement: 0, plan: null, counters: {} };
    stage.services.accounts.read = async (id) => ({ id, whole: true, ...none, holds: { [event.requestId]: text } });
    const { phase, row, held, price, closed_at } = await story(stage, 'user', event.requestId);
    expect({ phase, row, held, price, closed_at }).toEqual({
      phase: 'open',
      row: null,
      held: { micros: 7, tokens: 40, units: 1 },
      price: null,
      closed_at: null,
    });
  });

  it('ends with its days in the log', async () => {
    const event = aUsageEvent(NOON - 1000, { expiresAt: NOON - 500 });
    expect(await story(await aStage([event]), 'admin', event.requestId)).toBe(404);
  });
});
