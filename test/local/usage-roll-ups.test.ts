import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { adminClient, importInto, openAiClient, usageRow, userSays } from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';
import type { UsageStats } from '../../layers/contract/usage.ts';

const ready = sharedStack();
const HOUR = 3600_000;
const run = promisify(execFile);

async function askFor(model: string): Promise<void> {
  const { response } = await openAiClient(ready)
    .chat.completions.create({ model, messages: userSays('Hello') })
    .withResponse();
  await usageRow(await adminClient(ready), response.headers.get('x-sluice-request-id') ?? '');
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
    const { stdout } = await run(
      process.execPath,
      ['infra/scripts/ledger-replay.ts', '--from', period[0]!, '--to', period[1]!],
      {
        env: {
          ...process.env,
          SLUICE_URL: ready.url,
          SLUICE_ADMIN_USERNAME: ready.admin.username,
          SLUICE_ADMIN_PASSWORD: ready.admin.password,
        },
      },
    );
    expect(stdout).toMatch(/^\d+ events \(\d+ open\) in \d+ time slices.* 0 differences\.\n$/);
  }, 120_000);

  test('a replay without a period, or of a gateway that is not there, says what it needs', async () => {
    const failed = (args: string[]): Promise<unknown> =>
      run(process.execPath, ['infra/scripts/ledger-replay.ts', ...args]).catch((error: unknown) => error);
    expect(await failed([])).toMatchObject({ code: 2, stderr: expect.stringContaining('usage:') });
    const nowhere = ['--from', '2026-01-01', '--to', '2026-01-02', '--data-dir', 'not-there'];
    expect(await failed(nowhere)).toMatchObject({ code: 2, stderr: expect.stringContaining('SLUICE_URL') });
  });
});
