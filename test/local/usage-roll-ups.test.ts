import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { adminClient, importInto, openAiClient, until, usageRow, userSays } from '../support/gateway.ts';
import { stackOnAws } from '../support/function-identity.ts';
import { sharedAssembly, sharedDataDirectory, sharedStack } from '../support/stack.ts';
import { eventKey } from '../../layers/aws/tables/usage-event-keys.ts';
import type { UsageLogRow, UsageStats } from '../../layers/contract/usage.ts';

const ready = sharedStack();
const aws = stackOnAws(sharedDataDirectory(), sharedAssembly());
const HOUR = 3600_000;
const run = promisify(execFile);

async function askFor(model: string): Promise<void> {
  const { response } = await openAiClient(ready)
    .chat.completions.create({ model, messages: userSays('Hello') })
    .withResponse();
  await usageRow(await adminClient(ready), response.headers.get('x-sluice-request-id') ?? '');
}

function replayed([from = '', to = '']: string[]): Promise<{ stdout: string }> {
  return run(process.execPath, ['infra/scripts/ledger-replay.ts', '--from', from, '--to', to], {
    env: {
      ...process.env,
      SLUICE_URL: ready.url,
      SLUICE_ADMIN_USERNAME: ready.admin.username,
      SLUICE_ADMIN_PASSWORD: ready.admin.password,
    },
  });
}

/** Writes a number into the closing of a usage event, past everybody who keeps the books. */
async function changeEvent(requestId: string, attribute: string, amount: number): Promise<void> {
  const key = eventKey(requestId)!;
  const path = ['c', ...attribute.split('.')];
  await aws.as('relay').tables.send(
    new UpdateItemCommand({
      TableName: aws.nameOf('LedgerTable'),
      Key: { pk: { S: key['pk'] as string }, sk: { S: requestId } },
      UpdateExpression: `SET ${path.map((_name, index) => `#n${index}`).join('.')} = :amount`,
      ExpressionAttributeNames: Object.fromEntries(path.map((name, index) => [`#n${index}`, name])),
      ExpressionAttributeValues: { ':amount': { N: String(amount) } },
    }),
  );
}

describe('sums of usage on a running stack', () => {
  test('show a request at once, are rolled up by the schedule, and a replay finds nothing that differs', async () => {
    const admin = await importInto(ready, {
      version: 1,
      models: [
        {
          name: 'rolled-up',
          routes: [{ upstream: 'sandbox', model: 'sandbox-chat--words-5' }],
          price: { inputPerMillion: 3, outputPerMillion: 7 },
        },
      ],
    });
    const statsOf = async (query: string): Promise<UsageStats> => {
      const { body, status } = await admin.call('GET', `/api/usage/stats?scope=all&model_name=rolled-up${query}`);
      expect(status).toBe(200);
      return body['data'] as UsageStats;
    };
    await askFor('rolled-up');
    const first = await statsOf('');
    expect(first).toMatchObject({ total_requests: 1, success_requests: 1, up_to_date: true });
    expect(first.cost_micros).toBeGreaterThan(0);

    const ran = await admin.call('POST', '/api/admin/schedules/roll-up-usage/run', {});
    expect(ran).toMatchObject({ status: 200, body: { data: { drifted: 0, more: false } } });
    await askFor('rolled-up');
    const second = await statsOf('&group_by=key&series=hour');
    expect([second.total_requests, second.cost_micros]).toEqual([2, 2 * first.cost_micros]);
    const sumOf = (rows: { requests: number }[] = []): number => rows.reduce((sum, row) => sum + row.requests, 0);
    expect([sumOf(second.groups), sumOf(second.series)]).toEqual([2, 2]);

    const period = [new Date(Date.now() - HOUR), new Date(Date.now() + HOUR)].map((at) => at.toISOString());
    const { stdout } = await replayed(period);
    expect(stdout).toMatch(/^\d+ events \(\d+ open\) in \d+ time slices.* 0 differences\.\n$/);

    // A planted one: a token more than the request was charged for, then a micro-dollar more than its tokens cost.
    const { body } = await admin.call('GET', '/api/usage/logs?scope=all&model_name=rolled-up&limit=1');
    const [{ request_id: requestId, cost_micros: cost, parts }] = (body['data'] as { logs: UsageLogRow[] }).logs as [
      UsageLogRow,
    ];
    const found = (): Promise<unknown> => replayed(period).catch((error: unknown) => error);
    const plant = (attribute: string, amount: number) => changeEvent(requestId, attribute, amount);
    await plant('p.o', parts.output + 1_000_000);
    const changed = cost + 7_000_000;
    expect(await found()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`cost ${requestId}: stored ${cost}; computed ${changed}\n`),
    });
    await plant('p.o', parts.output);
    await plant('c', cost + 1);
    expect(await found()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`cost ${requestId}: stored ${cost + 1}; computed ${cost}\n`),
    });
    await plant('c', cost);
    expect((await replayed(period)).stdout).toMatch(/ 0 differences\.\n$/);
  }, 120_000);

  test('a replay without a period, or of a gateway that is not there, says what it needs', async () => {
    const failed = (args: string[]): Promise<unknown> =>
      run(process.execPath, ['infra/scripts/ledger-replay.ts', ...args]).catch((error: unknown) => error);
    expect(await failed([])).toMatchObject({ code: 2, stderr: expect.stringContaining('usage:') });
    const nowhere = ['--from', '2026-01-01', '--to', '2026-01-02', '--data-dir', 'not-there'];
    expect(await failed(nowhere)).toMatchObject({ code: 2, stderr: expect.stringContaining('SLUICE_URL') });
  });

  test('a public price list prices the models, charges by them from then on, and the log comes as a file', async () => {
    const admin = await importInto(ready, {
      version: 1,
      models: [{ name: 'listed', routes: [{ upstream: 'sandbox', model: 'sandbox-chat--words-5' }] }],
    });
    await askFor('listed');
    const listed = { input_cost_per_token: 3e-6, output_cost_per_token: '7e-06', max_output_tokens: 100 };
    const body = { list: { 'some/model': listed }, models: { listed: 'some/model' } };
    const first = await admin.call('POST', '/api/admin/prices/import', body);
    expect(first).toMatchObject({ status: 200, body: { data: { counts: { created: 1 } } } });
    const again = await admin.call('POST', '/api/admin/prices/import', body);
    expect(again).toMatchObject({ status: 200, body: { data: { counts: { created: 0, changed: 0, unchanged: 1 } } } });
    const prices = await admin.call('GET', '/api/admin/models/listed/prices');
    expect(prices).toMatchObject({ body: { data: { current: 1, versions: [{ price: { inputPerMillion: 3 } }] } } });

    const charged = async (): Promise<UsageLogRow[]> => {
      const { body: answer } = await admin.call('GET', '/api/usage/logs?scope=all&model_name=listed');
      return (answer['data'] as { logs: UsageLogRow[] }).logs;
    };
    // The relay knows a model for some seconds.
    await until(async () => {
      await askFor('listed');
      return (await charged()).some((row) => row.price_version === 1);
    });
    const rows = await charged();
    for (const row of rows) {
      const micros = row.price_version === null ? 0 : row.input_tokens * 3 + row.output_tokens * 7;
      expect(row.cost_micros).toBe(micros);
    }
    const file = await fetch(`${ready.url}/api/usage/logs.csv?scope=all&model_name=listed`, {
      headers: { authorization: `Bearer ${admin.token}` },
    });
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect((await file.text()).trimEnd().split('\r\n')).toHaveLength(rows.length + 1);
    for (const path of [
      '/api/usage/summary',
      '/api/usage/quotas',
      '/api/usage/consumption',
      '/api/usage/accounts',
      '/api/user/usage?timeRange=7d',
      '/api/user/dashboard',
      '/api/stats',
      '/api/admin/system-stats?period=7d',
      '/api/v1/admin/metrics',
      '/api/v1/admin/logs/files',
      '/api/v1/admin/logs/tail?lines=50',
    ]) {
      expect([path, (await admin.call('GET', path)).status]).toEqual([path, 200]);
    }
  }, 120_000);
});
