import { describe, expect, test } from '@jest/globals';
import {
  adminClient,
  importInto,
  openAiClient,
  until,
  usageRow,
  userSays,
  type AdminClient,
} from '../support/gateway.ts';
import { sharedStack } from '../support/stack.ts';
import type { UsageLogRow, UsageStats } from '../../layers/contract/usage.ts';

const ready = sharedStack();
const client = openAiClient(ready);

/** 1 250 tokens of prompt, so that the sandbox reports a part of it as cached. */
const LONG = 'long '.repeat(1000);

async function rowOf(response: Response): Promise<UsageLogRow> {
  return usageRow(await adminClient(ready), response.headers.get('x-sluice-request-id') ?? '');
}

async function statsOfToday(admin: AdminClient): Promise<UsageStats> {
  const { body, status } = await admin.call('GET', '/api/usage/stats?scope=all&model_name=usage-priced');
  expect(status).toBe(200);
  return body['data'] as UsageStats;
}

describe('a request that was answered', () => {
  test('is one row with disjoint parts, the exact cost and who served it', async () => {
    await importInto(ready, {
      version: 1,
      models: [
        {
          name: 'usage-priced',
          routes: [{ upstream: 'sandbox', model: 'sandbox-chat--words-5' }],
          price: { inputPerMillion: 3, outputPerMillion: 7, cacheReadPerMillion: 0.3, reasoningPerMillion: 11 },
        },
      ],
    });
    const admin = await adminClient(ready);
    const before = await statsOfToday(admin);
    const { data, response } = await client.chat.completions
      .create({ model: 'usage-priced', messages: userSays(LONG), reasoning_effort: 'low' })
      .withResponse();
    const row = await rowOf(response);
    const cached = 1152;
    const input = (data.usage?.prompt_tokens ?? 0) - cached;
    expect(data.usage?.prompt_tokens_details?.cached_tokens).toBe(cached);
    expect(row).toMatchObject({
      source: 'reported',
      model: 'usage-priced',
      served_model: 'sandbox-chat--words-5',
      upstream: 'sandbox',
      credential: 'sandbox',
      format: 'openai-chat',
      stream: false,
      status: 200,
      success: true,
      error: null,
      parts: { input, cache_read: cached, output: 5, reasoning: 16, images: 0, audio: 0 },
      input_tokens: input + cached,
      output_tokens: 5 + 16,
      attempts: [{ upstream: 'sandbox', credential: 'sandbox', status: 200, error: null }],
      price_version: 1,
    });
    expect(row.cost_micros).toBe(Math.round(input * 3 + cached * 0.3 + 5 * 7 + 16 * 11));
    const after = await until(async () => {
      const stats = await statsOfToday(admin);
      return stats.total_requests > before.total_requests && stats;
    });
    expect(after.total_requests).toBe(before.total_requests + 1);
    expect(after.cost_micros).toBe(before.cost_micros + row.cost_micros);
    expect(after.output_tokens).toBe(before.output_tokens + 21);
  });

  test.each([true, false])('as a stream is counted the same whether the client asked for usage (%s)', async (asked) => {
    const { data, response } = await client.chat.completions
      .create({
        model: 'sandbox-chat--words-5',
        messages: userSays('Count my stream'),
        stream: true,
        ...(asked ? { stream_options: { include_usage: true } } : {}),
      })
      .withResponse();
    for await (const _ of data);
    const row = await rowOf(response);
    expect(row).toMatchObject({ source: 'reported', stream: true, parts: { input: 7, output: 5 } });
    expect(row.first_byte_ms).toBeLessThanOrEqual(row.duration_ms);
  });

  test('by an upstream that reports no usage is estimated and says so', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'sandbox-chat--no-usage', messages: userSays('Guess') })
      .withResponse();
    const row = await rowOf(response);
    expect(row.source).toBe('estimated');
    expect(row.parts.output).toBeGreaterThan(0);
    expect(row.parts.input).toBeGreaterThan(0);
  });

  test('keeps the client’s own request id and application beside ours', async () => {
    const { response } = await client.chat.completions
      .create(
        { model: 'sandbox-chat--words-5', messages: userSays('Mine') },
        { headers: { 'x-request-id': 'mine-42', 'x-app': 'my-application' } },
      )
      .withResponse();
    const row = await rowOf(response);
    expect(row).toMatchObject({ client_request_id: 'mine-42', client_app: 'my-application' });
    expect(row.request_id).not.toBe('mine-42');
  });
});

describe('a request that failed', () => {
  test('is a row too, with its status and its error', async () => {
    const raw = await fetch(`${ready.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sandbox-chat--429', messages: userSays('Too fast') }),
    });
    const row = await rowOf(raw);
    expect(row).toMatchObject({ status: 429, success: false, cost_micros: 0, source: 'void' });
    expect(row.attempts).toMatchObject([{ status: 429 }]);
  });

  test('in mid-stream is charged what was delivered', async () => {
    const raw = await fetch(`${ready.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sandbox-chat--cut-5', messages: userSays('Cut'), stream: true }),
    });
    await raw.text();
    const row = await rowOf(raw);
    expect(row).toMatchObject({ source: 'partial', success: false, error: 'upstream_cut' });
    expect(row.parts.output).toBeGreaterThan(0);
    expect(row.cost_micros).toBeGreaterThan(0);
  });
});

describe('the usage log', () => {
  test('reads by page, newest first, and filters', async () => {
    const admin = await adminClient(ready);
    const ids = [];
    for (let index = 0; index < 3; index += 1) {
      const request = { model: 'sandbox-chat--words-5', messages: userSays(`page ${index}`) };
      const { response } = await client.chat.completions.create(request).withResponse();
      ids.unshift(response.headers.get('x-sluice-request-id'));
      await rowOf(response);
    }
    const { body } = await admin.call('GET', '/api/usage/logs?limit=2&success=true&model_name=sandbox-chat--words-5');
    const { logs, pagination } = body['data'] as {
      logs: UsageLogRow[];
      pagination: { limit: number; next_cursor: string };
    };
    expect(logs).toHaveLength(2);
    expect(pagination.limit).toBe(2);
    expect(logs.every((row) => row.model === 'sandbox-chat--words-5' && row.success)).toBe(true);
    const times = logs.map((row) => Date.parse(row.created_at));
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    const next = await admin.call('GET', `/api/usage/logs?limit=2&cursor=${pagination.next_cursor}`);
    const older = (next.body['data'] as { logs: UsageLogRow[] }).logs;
    expect(older.map((row) => row.request_id)).not.toContain(logs[0]?.request_id);
  });

  test('needs a login', async () => {
    expect((await fetch(`${ready.url}/api/usage/logs`)).status).toBe(401);
  });
});
