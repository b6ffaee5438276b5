import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createSweepStore, createUsageStore } from '../../../layers/aws/tables/ledger.ts';
import { createAccountPassStore, createLedgerAccountStore } from '../../../layers/aws/tables/ledger-account.ts';
import type { Price } from '../../../layers/core/catalog/store.ts';
import { ADMISSION_MARGIN_MS } from '../../../layers/core/metering/margin.ts';
import {
  NO_USAGE,
  TIME_SLICE_MS,
  type OpenUsageEvent,
  type SweepStore,
  type UsageClosing,
  type UsageStore,
} from '../../../layers/core/metering/store.ts';
import { sweepHolds, type SweepDeps, type SweepReport } from '../../../layers/core/metering/sweep-holds.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { createLogger } from '../../../layers/kit/log/logger.ts';
import { createQuotaPoolStore } from '../../../layers/aws/tables/quota-pools.ts';
import { logOwedUse } from '../../../layers/core/sharing/log-use.ts';
import type { OwedUse } from '../../../layers/core/sharing/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

let embedded: EmbeddedTables;
let client: TableClient;
let usage: UsageStore;
let sweep: SweepStore;
let lines: string[];
/** On the border of a time slice. */
const START = 1_795_000_200_000 - (1_795_000_200_000 % TIME_SLICE_MS);
let now: number;

beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSdkTableClient({ aws: embedded.aws });
});
afterAll(async () => {
  await client.close();
  await embedded.close();
});
beforeEach(async () => {
  usage = createUsageStore(client, embedded.tables.ledger);
  sweep = createSweepStore(client, embedded.tables.ledger);
  await client.delete({ table: embedded.tables.ledger, key: { pk: 'sweep', sk: 'watermark' } });
  lines = [];
  now = (now ?? START) + 86_400_000;
});

const PRICE: Price = {
  version: 2,
  inputMicros: 1_500_000,
  outputMicros: 9_000_000,
  cacheReadMicros: 0,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: null,
  audioMicros: null,
  imageMicros: null,
};

function run(change: Partial<SweepDeps> = {}, olderThanMs?: number): Promise<SweepReport> {
  const deps: SweepDeps = {
    usage,
    sweep,
    accounts: createLedgerAccountStore(client, embedded.tables.ledger),
    pass: createAccountPassStore(client, embedded.tables.ledger),
    findPrice: async (model, version) => (model === 'gpt-5' && version === 2 ? PRICE : null),
    logOwedUse: () => Promise.reject(new Error('No use was owed')),
    clock: () => now,
    logger: createLogger((line) => lines.push(line)),
    ...change,
  };
  return sweepHolds(deps, { olderThanMs });
}

async function open(ageMs: number, change: Partial<OpenUsageEvent> = {}): Promise<OpenUsageEvent> {
  const startedAt = now - ageMs;
  const event: OpenUsageEvent = {
    requestId: createRequestId(startedAt),
    userId: `usr_${now}`,
    keyId: 'key_1',
    model: 'gpt-5',
    format: 'openai-chat',
    stream: false,
    startedAt,
    inputEstimate: 1_001,
    priceVersion: 2,
    clientRequestId: null,
    clientApp: null,
    ...change,
  };
  await usage.openEvent(event);
  return event;
}

const REAL: UsageClosing = {
  source: 'reported',
  servedModel: 'gpt-5.1',
  upstream: 'openai',
  credential: 'a',
  parts: { ...NO_USAGE, input: 10, output: 20 },
  costMicros: 195,
  status: 200,
  error: null,
  firstByteMs: 1,
  durationMs: 2,
  attempts: [],
  warnings: [],
  closedAt: 3,
};

describe('sweep-holds', () => {
  it('closes what is older than the margin, charged its input estimate at its price version, and nothing younger', async () => {
    const old = await open(ADMISSION_MARGIN_MS);
    const young = await open(ADMISSION_MARGIN_MS - 1);
    const report = await run();
    expect(report).toMatchObject({ closed: 1, closedByOthers: 0, withoutPrice: 0, costMicros: 1_502, more: false });
    expect(await usage.findEvent(old.requestId)).toMatchObject({
      phase: 'closed',
      closing: { source: 'abandoned', parts: { ...NO_USAGE, input: 1_001 }, costMicros: 1_502, closedAt: now },
    });
    expect(await usage.findEvent(young.requestId)).toMatchObject({ phase: 'open' });
    const listed = await usage.listEventsOfUser(old.userId, { from: 0, to: now }, { limit: 5, cursor: null });
    expect(listed.items).toHaveLength(1);
  });

  it('the margin is longer than the relay lets any request run', () => {
    expect(ADMISSION_MARGIN_MS).toBe(840_000 + 300_000);
  });

  it('may be repeated freely: the second run closes and charges nothing', async () => {
    await open(ADMISSION_MARGIN_MS + TIME_SLICE_MS);
    const [first, second] = [await run(), await run()];
    expect([first.closed, second.closed, second.costMicros]).toEqual([1, 0, 0]);
  });

  it('ten runs at once close each event once', async () => {
    for (let index = 0; index < 20; index += 1) await open(ADMISSION_MARGIN_MS + index * 30_000);
    const reports = await Promise.all(Array.from({ length: 10 }, () => run()));
    expect(reports.reduce((sum, report) => sum + report.closed, 0)).toBe(20);
    expect(reports.reduce((sum, report) => sum + report.costMicros, 0)).toBe(20 * 1_502);
  });

  it('an event that its relay closes in the last moment keeps the real figures', async () => {
    const event = await open(ADMISSION_MARGIN_MS + 1);
    const racing: SweepDeps['usage'] = {
      ...usage,
      async closeEvent(requestId, closing, owner) {
        await usage.closeEvent(requestId, REAL, owner);
        return usage.closeEvent(requestId, closing, owner);
      },
    };
    expect(await run({ usage: racing })).toMatchObject({ closed: 0, closedByOthers: 1, costMicros: 0 });
    expect(await usage.findEvent(event.requestId)).toMatchObject({ closing: REAL });
  });

  it('goes on where it stopped: a run that fails leaves its slices to the next', async () => {
    await open(ADMISSION_MARGIN_MS + 4 * TIME_SLICE_MS);
    await open(ADMISSION_MARGIN_MS + 2 * TIME_SLICE_MS);
    let calls = 0;
    const failing: SweepDeps['usage'] = {
      ...usage,
      closeEvent: (...given) => {
        calls += 1;
        if (calls === 2) return Promise.reject(new Error('gone'));
        return usage.closeEvent(...given);
      },
    };
    await expect(run({ usage: failing })).rejects.toThrow('gone');
    expect(await run()).toMatchObject({ closed: 1 });
  });

  it('reads a slice again until all of it is past the margin, and then never', async () => {
    now = Math.floor(now / TIME_SLICE_MS) * TIME_SLICE_MS;
    const late = await open(ADMISSION_MARGIN_MS - TIME_SLICE_MS + 1);
    await run();
    const sweptFirst = await sweep.readSweptUntil();
    now += TIME_SLICE_MS;
    expect(await run()).toMatchObject({ slices: 2, closed: 1 });
    expect(await usage.findEvent(late.requestId)).toMatchObject({ phase: 'closed' });
    expect(await sweep.readSweptUntil()).toBe((sweptFirst ?? 0) + TIME_SLICE_MS);
  });

  it('by hand takes any age, and still leaves young slices to the timed runs', async () => {
    const event = await open(1);
    const mark = await run();
    expect(mark.closed).toBe(0);
    expect(await run({}, 0)).toMatchObject({ closed: 1, more: false, sweptUntil: mark.sweptUntil });
    expect(await usage.findEvent(event.requestId)).toMatchObject({ closing: { source: 'abandoned' } });
    // A request of the same slice that begins afterwards is not lost sight of.
    const next = await open(0);
    now += ADMISSION_MARGIN_MS;
    expect(await run()).toMatchObject({ closed: 1 });
    expect(await usage.findEvent(next.requestId)).toMatchObject({ phase: 'closed' });
  });

  it('by hand with a greater age than the margin marks nothing as done that it did not look at', async () => {
    const event = await open(ADMISSION_MARGIN_MS + 60_000);
    await run({}, ADMISSION_MARGIN_MS + 40 * 60_000);
    expect(await run()).toMatchObject({ closed: 1 });
    expect(await usage.findEvent(event.requestId)).toMatchObject({ phase: 'closed' });
  });

  it('after a long pause catches up run by run, a bounded number of slices each', async () => {
    await run();
    const event = await open(0);
    const slice = Math.floor(now / TIME_SLICE_MS);
    now += 40 * 3_600_000;
    // All other slices are known to be empty: asking the table for each would only take time.
    const quiet: SweepStore = {
      ...sweep,
      listOpenEventsOfSlice: async (startMs, page) =>
        Math.floor(startMs / TIME_SLICE_MS) === slice
          ? sweep.listOpenEventsOfSlice(startMs, page)
          : { items: [], nextCursor: null },
    };
    expect(await run({ sweep: quiet })).toMatchObject({ slices: 288, more: true, closed: 1 });
    expect(await run({ sweep: quiet })).toMatchObject({ more: false, closed: 0 });
    expect(await usage.findEvent(event.requestId)).toMatchObject({ phase: 'closed' });
  });

  it('charges nothing where no price is known, and says so where there should be one', async () => {
    await open(ADMISSION_MARGIN_MS, { priceVersion: null });
    const orphan = await open(ADMISSION_MARGIN_MS, { model: 'gone', priceVersion: 7 });
    expect(await run()).toMatchObject({ closed: 2, costMicros: 0, withoutPrice: 1 });
    expect(lines.filter((line) => line.includes('abandoned_without_price'))).toEqual([
      expect.stringContaining(orphan.requestId),
    ]);
  });

  describe('a use of the shared pool', () => {
    const owedBy = ({ requestId, userId, startedAt }: OpenUsageEvent): OwedUse => ({
      use: {
        userId,
        requestId,
        at: startedAt,
        model: 'gpt-5',
        upstream: 'openai',
        credentialId: 'crd_a',
        isShared: true,
        quotaBefore: 10_000,
        quotaAfter: 9_000,
        consumed: 1_000,
        expiresAt: now + 86_400_000,
      },
      models: ['gpt-5', 'sibling'],
    });
    const stores = () => {
      const pools = createQuotaPoolStore(client, embedded.tables.ledger);
      const logged = { logOwedUse: (owed: OwedUse) => logOwedUse({ pools, clock: () => now }, owed) };
      const usesOf = async (userId: string) =>
        (await pools.listUses(userId, { limit: 10, cursor: null, from: null, until: null, nowMs: 0 })).uses;
      return { pools, logged, usesOf };
    };

    it('that its process closed and did not log is logged and deducted, once', async () => {
      const { pools, logged, usesOf } = stores();
      const event = await open(ADMISSION_MARGIN_MS);
      const owed = owedBy(event);
      await usage.closeEvent(event.requestId, { ...REAL, poolUse: owed }, event);
      expect((await usage.findEvent(event.requestId))?.closing?.poolUse).toEqual(owed);
      expect(await run(logged)).toMatchObject({ usesLogged: 1, closed: 0 });
      expect(await usesOf(event.userId)).toEqual([owed.use]);
      expect((await pools.find(event.userId))?.quotas).toEqual({ 'gpt-5': -1_000, sibling: -1_000 });
      await client.delete({ table: embedded.tables.ledger, key: { pk: 'sweep', sk: 'watermark' } });
      expect(await run(logged)).toMatchObject({ usesLogged: 0 });
      expect((await pools.find(event.userId))?.quotas).toEqual({ 'gpt-5': -1_000, sibling: -1_000 });
      expect(lines.filter((line) => line.includes('pool_use_repaired'))).toHaveLength(1);
    });

    it('that was logged is left as it is, and one of a request that may still run is left to it', async () => {
      const { pools, logged, usesOf } = stores();
      const [old, young] = [await open(ADMISSION_MARGIN_MS), await open(1)];
      await pools.ensure(old.userId, now);
      await pools.use(owedBy(old).use, ['gpt-5']);
      for (const event of [old, young]) {
        await usage.closeEvent(event.requestId, { ...REAL, poolUse: owedBy(event) }, event);
      }
      expect(await run(logged)).toMatchObject({ usesLogged: 0 });
      expect(await usesOf(old.userId)).toHaveLength(1);
    });

    it('that cannot be logged keeps the sweep where it is, and the next one logs it', async () => {
      const { logged, usesOf } = stores();
      await run(logged);
      now += ADMISSION_MARGIN_MS;
      const event = await open(ADMISSION_MARGIN_MS);
      await usage.closeEvent(event.requestId, { ...REAL, poolUse: owedBy(event) }, event);
      await expect(run({ logOwedUse: () => Promise.reject(new Error('gone')) })).rejects.toThrow('gone');
      expect(await run(logged)).toMatchObject({ usesLogged: 1 });
      expect(await usesOf(event.userId)).toHaveLength(1);
    });
  });
});
