import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adminClient, failureOf, importInto, openAiClient, userSays } from '../support/gateway.ts';
import { startNeighbourUpstream, type NeighbourUpstream } from '../support/neighbour-upstream.ts';
import { sharedStack } from '../support/stack.ts';

const ready = sharedStack();
const client = openAiClient(ready);
let neighbour: NeighbourUpstream;

beforeAll(async () => {
  neighbour = await startNeighbourUpstream();
});
afterAll(() => neighbour.close());

function documentOf(name: string) {
  return {
    version: 1 as const,
    upstreams: [
      { name, format: 'openai-chat' as const, vendor: 'openai-compatible' as const, baseUrl: neighbour.baseUrl },
    ],
    credentials: [{ upstream: name, name: 'own', kind: 'api_key' as const, secret: neighbour.secret }],
    models: [
      {
        name: `${name}-model`,
        routes: [{ upstream: name, model: 'own-model' }],
        price: { inputPerMillion: 1.25, outputPerMillion: 10 },
      },
    ],
  };
}

describe('an upstream of the operator’s own on loopback', () => {
  test('serves chat and stream through the SDK after an import', async () => {
    await importInto(ready, documentOf('neighbour'));
    const request = { model: 'neighbour-model', messages: userSays('Hello over there') };
    const whole = await client.chat.completions.create(request);
    expect(whole.choices[0]?.message.content).toBe('Good day from next door');
    expect(whole).toMatchObject({ mood: 'sunny', usage: { total_tokens: 12 } });
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
      expect(chunk.choices).toHaveLength(1);
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Good day from next door');
    expect(neighbour.bodies.map((body) => (JSON.parse(body) as { model: string }).model)).toEqual([
      'own-model',
      'own-model',
    ]);
  });

  test('is unchanged by the same document a second time', async () => {
    const admin = await importInto(ready, documentOf('twice'));
    const again = await admin.importDocument(documentOf('twice'));
    expect(again.body['data']).toMatchObject({ created: [], updated: [] });
    expect((again.body['data'] as { unchanged: string[] }).unchanged).toHaveLength(3);
  });

  test('is exported with the rest, and no secret is', async () => {
    const admin = await importInto(ready, documentOf('exported'));
    const { status, body } = await admin.call('GET', '/api/admin/export');
    expect(status).toBe(200);
    const text = JSON.stringify(body);
    expect(text).toContain('exported-model');
    expect(text).toContain(neighbour.baseUrl);
    expect(text).not.toContain(neighbour.secret);
    expect(text).not.toContain('sk-sandbox-upstream-credential');
    expect(text).not.toContain(ready.apiKey);
  });
});

describe('a document with an error', () => {
  test.each([
    ['models[0].price.inputPerMillion', { models: [{ name: 'broken', routes: [], price: { inputPerMillion: -1 } }] }],
    ['models[0].routes', { models: [{ name: 'broken', routes: [] }] }],
    [
      'models[0].colour',
      { models: [{ name: 'broken', routes: [{ upstream: 'sandbox', model: 'm' }], colour: 'red' }] },
    ],
    [
      'upstreams[0].format',
      { upstreams: [{ name: 'broken', format: 'morse', vendor: 'openai', baseUrl: 'http://127.0.0.1:1' }] },
    ],
    ['keys[0].secret', { keys: [{ name: 'broken', secret: 'too-short' }] }],
    ['models[0].routes[0].upstream', { models: [{ name: 'broken', routes: [{ upstream: 'nobody', model: 'm' }] }] }],
    ['credentials[0].upstream', { credentials: [{ upstream: 'nobody', name: 'broken', secret: 'x' }] }],
    ['keys[0].owner', { keys: [{ name: 'broken', owner: 'nobody-here' }] }],
    ['version', { version: 2 }],
  ])('is refused with the path %s', async (path, document) => {
    const admin = await adminClient(ready);
    const answer = await admin.importDocument(document as never);
    expect(answer.status).toBe(400);
    const failure = failureOf(answer);
    expect(failure.errors?.map((issue) => issue.path)).toContain(path);
    expect(failure.success).toBe(false);
    expect(failure.error).toMatch(/\w+ \w+/);
    expect(failure.detail).toBe(failure.error);
    expect(failure.message).toBe(failure.error);
  });

  test('writes nothing, not even its sound entries', async () => {
    const admin = await adminClient(ready);
    const sound = documentOf('half');
    const before = await admin.call('GET', '/api/admin/export');
    const answer = await admin.importDocument({ ...sound, keys: [{ name: 'half', secret: 'short' }] });
    expect(answer.status).toBe(400);
    const after = await admin.call('GET', '/api/admin/export');
    expect(JSON.stringify(after.body)).not.toContain('half-model');
    expect(Object.keys(after.body)).toEqual(Object.keys(before.body));
    await expect(client.models.retrieve('half-model')).rejects.toMatchObject({ status: 404 });
  });

  test('of JSON that does not parse is a 400 that names the position', async () => {
    const admin = await adminClient(ready);
    const response = await fetch(`${ready.url}/api/admin/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: '{"models":[}',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      success: false,
      error_code: 'INVALID_JSON',
      error: expect.stringMatching(/\d/),
    });
  });

  test('without a login is a 401', async () => {
    const response = await fetch(`${ready.url}/api/admin/import`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ success: false, error_code: expect.any(String) });
  });
});

describe('limits in a document', () => {
  test('are stored without a word, for they bind', async () => {
    const admin = await adminClient(ready);
    const limits = { requestsPerMinute: 60 };
    const answer = await admin.importDocument({ version: 1, keys: [{ name: 'with-limits', limits }] });
    expect(answer.status).toBe(200);
    const report = answer.body['data'] as { warnings: string[]; keys: { secret?: string }[] };
    expect(report.warnings).toEqual([]);
    expect(report.keys[0]?.secret).toMatch(/^sk-sluice1-/);
  });
});
