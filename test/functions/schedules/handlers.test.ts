import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TABLES, type TableContext } from '../../../layers/aws/names.ts';
import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import { createAlertStore } from '../../../layers/aws/tables/alerts.ts';
import { createUsageStore } from '../../../layers/aws/tables/ledger.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

let embedded: EmbeddedTables;
const before = { ...process.env };
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  const credentials = embedded.aws.credentials();
  Object.assign(process.env, {
    AWS_REGION: embedded.aws.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: embedded.url,
    BUILD_ID: 'test',
    CACHE_RESET_TZ_OFFSET_MINUTES: '480',
    METRICS_NAMESPACE: 'Sluice/test',
    PEPPER_SECRET: 'arn:pepper',
  });
  for (const context of Object.keys(TABLES) as TableContext[]) {
    process.env[TABLES[context].environmentName] = embedded.tables[context];
  }
});
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  await embedded.close();
});

describe('the schedule functions', () => {
  it('sweep-holds by hand closes what was left open a moment ago, and refuses an age that is none', async () => {
    const client = createSignedTableClient({ aws: embedded.aws });
    const usage = createUsageStore(client, embedded.tables.ledger);
    const startedAt = Date.now();
    const requestId = createRequestId(startedAt);
    await usage.openEvent({
      requestId,
      userId: 'usr_1',
      keyId: 'key_1',
      model: 'm',
      format: 'openai-chat',
      stream: false,
      startedAt,
      inputEstimate: 5,
      priceVersion: null,
      clientRequestId: null,
      clientApp: null,
    });
    const { handler } = await import('../../../functions/schedules/sweep-holds.ts');
    expect(await handler({})).toMatchObject({ closed: 0, more: false });
    expect(await handler({ olderThanMs: 0 })).toMatchObject({ closed: 1, costMicros: 0 });
    expect(await usage.findEvent(requestId)).toMatchObject({ closing: { source: 'abandoned' } });
    await expect(handler({ olderThanMs: -1 })).rejects.toThrow(/olderThanMs/);
    await client.close();
  });

  it('migrate-data looks at every table, and stops in time when there is none left', async () => {
    const { handler } = await import('../../../functions/schedules/migrate-data.ts');
    const report = await handler({}, { getRemainingTimeInMillis: () => 900_000 });
    expect(report).toMatchObject({ next: null, tables: { ledger: { read: 4, rewritten: 0, unknown: 0 } } });
    const stopped = await handler({}, { getRemainingTimeInMillis: () => 1_000 });
    expect(stopped.next).toEqual({ table: 'identity', after: null });
    const rest = await handler({ from: stopped.next }, { getRemainingTimeInMillis: () => 900_000 });
    expect(rest.next).toBeNull();
    await expect(handler({ from: 'x' }, { getRemainingTimeInMillis: () => 1 })).rejects.toThrow(/from/);
  });

  it('roll-up-usage rolls up from the day on, and replay-usage finds nothing that differs', async () => {
    const { handler } = await import('../../../functions/schedules/roll-up-usage.ts');
    const report = await handler({});
    expect(report).toMatchObject({ drifted: 0, more: false, overtaken: false });
    await expect(handler({ from: 'yesterday' })).rejects.toThrow(/from/);

    const { handler: replay } = await import('../../../functions/schedules/replay-usage.ts');
    const period = { from: new Date(Date.now() - 3600_000).toISOString(), to: new Date().toISOString() };
    expect(await replay(period)).toMatchObject({ events: 1, open: 0, differenceCount: 0, next: null });
    await expect(replay({})).rejects.toThrow(/from/);
  }, 60_000);

  it('evaluate-alerts sees what the others noted, and refuses what it does not know', async () => {
    const { handler } = await import('../../../functions/schedules/evaluate-alerts.ts');
    const client = createSignedTableClient({ aws: embedded.aws });
    const alerts = createAlertStore(client, embedded.tables.catalog);
    // The sweep above closed a request that nobody had settled: it failed, and it was abandoned.
    expect(await handler({})).toMatchObject({ fired: 2, firing: 2, skipped: 2, overtaken: false });
    const { states } = await alerts.readBoard();
    expect(states['error-rate']).toMatchObject({ status: 'firing', value: 100 });
    expect(states['abandoned-holds']).toMatchObject({ status: 'firing', value: 1 });
    expect(states['store-unhealthy']).toMatchObject({ status: 'ok', value: 0 });
    expect(await handler({})).toMatchObject({ fired: 0, firing: 2 });
    expect(await handler({ only: 'deliver' })).toEqual({ delivered: 0, failed: 0, skipped: 0, waiting: 0 });
    await expect(handler({ only: 'sleep' })).rejects.toThrow(/only/);
    await client.close();
  }, 60_000);

  it('recover-quotas gives nothing where nobody shares', async () => {
    const { handler } = await import('../../../functions/schedules/recover-quotas.ts');
    expect(await handler()).toMatchObject({ users: 0, recovered: 0, credentials: 0, failed: 0 });
  });
});
