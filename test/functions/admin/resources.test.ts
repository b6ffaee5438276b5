import { DEFAULT_SETTINGS } from '../../../layers/core/catalog/store.ts';
import { aDocument, createStage, type Answered, type Stage } from './support/admin-stage.ts';

async function call(stage: Stage, path: string, body?: unknown, method?: string): Promise<Answered> {
  return stage.call(path, { body, headers: await stage.as('super_admin'), ...(method ? { method } : {}) });
}

async function filled(): Promise<Stage> {
  const stage = createStage();
  await call(stage, '/api/admin/import', aDocument());
  return stage;
}

describe('upstreams', () => {
  const fields = { format: 'openai-chat', vendor: 'openai', baseUrl: 'https://api.openai.com/v1' };

  it('are made with 201, changed with 200 and listed', async () => {
    const stage = createStage();
    expect((await call(stage, '/api/admin/upstreams/a', fields, 'PUT')).status).toBe(201);
    const changed = await call(stage, '/api/admin/upstreams/a', { ...fields, baseUrl: 'https://b.example/' }, 'PUT');
    expect([changed.status, changed.json.data.baseUrl]).toEqual([200, 'https://b.example']);
    expect((await call(stage, '/api/admin/upstreams')).json.data).toHaveLength(1);
  });

  it.each([
    ['a bad name', '/api/admin/upstreams/a%20b', fields, 'name'],
    [
      'an address outside the public Internet',
      '/api/admin/upstreams/a',
      { ...fields, baseUrl: 'https://169.254.169.254' },
      'baseUrl',
    ],
    ['an unknown field', '/api/admin/upstreams/a', { ...fields, name: 'b' }, 'name'],
  ])('are refused for %s, by the name of the field', async (_what, path, body, field) => {
    const stage = createStage();
    const answer = await call(stage, path, body, 'PUT');
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].path).toBe(field);
    expect(stage.vault.rows.upstreams.size).toBe(0);
  });

  it('are not deleted while a credential or a model uses them', async () => {
    const stage = await filled();
    const refused = await call(stage, '/api/admin/upstreams/openai', undefined, 'DELETE');
    expect([refused.status, refused.json.error]).toEqual([
      409,
      'openai is still used by credential team-a, model gpt-5.',
    ]);
    expect((await call(stage, '/api/admin/upstreams/none', undefined, 'DELETE')).status).toBe(404);
  });

  it('are deleted when nothing uses them', async () => {
    const stage = createStage();
    await call(stage, '/api/admin/upstreams/a', fields, 'PUT');
    expect((await call(stage, '/api/admin/upstreams/a', undefined, 'DELETE')).status).toBe(200);
  });
});

describe('credentials', () => {
  it('are listed without secret, seal or digest', async () => {
    const stage = await filled();
    const { json, text } = await call(stage, '/api/admin/credentials?upstream=openai');
    expect(json.data).toHaveLength(1);
    expect(text).not.toMatch(/secret|ciphertext|encapsulated/i);
    expect((await call(stage, '/api/admin/credentials')).json.data).toEqual(json.data);
  });

  it('are made with 201; the same name again is a conflict', async () => {
    const stage = await filled();
    const body = { upstream: 'openai', name: 'team-b', secret: 'sk-b' };
    expect((await call(stage, '/api/admin/credentials', body)).status).toBe(201);
    expect((await call(stage, '/api/admin/credentials', body)).status).toBe(409);
    const unknown = await call(stage, '/api/admin/credentials', { ...body, upstream: 'nowhere' });
    expect([unknown.status, unknown.json.errors[0].path]).toEqual([400, 'upstream']);
  });

  it('keep their seal when other fields change, and get a new one with a new secret', async () => {
    const stage = await filled();
    const [before] = stage.vault.rows.credentials.values();
    const path = `/api/admin/credentials/openai/${before?.id}`;
    await call(stage, path, { weight: 2 }, 'PATCH');
    const [weighted] = stage.vault.rows.credentials.values();
    expect(weighted).toMatchObject({ weight: 2, secret: before?.secret });
    await call(stage, path, { secret: 'sk-new-secret-of-the-upstream' }, 'PATCH');
    const [replaced] = stage.vault.rows.credentials.values();
    expect(replaced?.secret).not.toEqual(before?.secret);
    expect(replaced).toMatchObject({ id: before?.id, weight: 2 });
  });

  it('show their state at this moment, and keep the history of how it came', async () => {
    const stage = await filled();
    const [credential] = stage.vault.rows.credentials.values();
    const { id: credentialId, secretDigest } = credential!;
    const subject = { upstream: 'openai', credentialId, model: 'gpt' };
    const at = stage.now.ms;
    const rest = { reason: 'rate_limited', failures: 1, since: at, until: at + 30_000, ownWord: true } as const;
    await stage.poolStates.writeState({ ...subject, ...rest, secretDigest, probe: null, version: 1 });
    const change = { from: 'active', to: 'resting', reason: 'rate_limited' } as const;
    await stage.poolStates.appendChange({ ...subject, ...change, at, who: 'request-1', until: at + 30_000 });
    const shown = async () => (await call(stage, '/api/admin/credentials?upstream=openai')).json.data[0];
    const until = new Date(at + 30_000).toISOString();
    expect(await shown()).toMatchObject({
      state: 'cooling',
      stateReason: 'rate_limited',
      stateUntil: until,
      stateModel: 'gpt',
    });
    stage.now.ms = at + 30_000;
    expect(await shown()).toMatchObject({ state: 'unknown' });
    const path = `/api/admin/credentials/openai/${credentialId}`;
    expect((await call(stage, path, { enabled: false }, 'PATCH')).json.data.state).toBe('disabled');
    expect((await call(stage, `${path}/history`)).json.data).toMatchObject([
      { from: 'active', to: 'disabled', who: expect.any(String), model: null, until: null },
      { from: 'active', to: 'resting', who: 'request-1', model: 'gpt', until },
    ]);
    expect((await call(stage, `${path}/history?limit=1`)).json.data).toHaveLength(1);
  });

  it('keep in their history that an import switched them, once and by whom', async () => {
    const stage = await filled();
    const [credential] = stage.vault.rows.credentials.values();
    const { upstream, name, kind } = credential!;
    const document = { version: 1, credentials: [{ upstream, name, kind, enabled: false }] };
    await call(stage, '/api/admin/import', document, 'POST');
    await call(stage, '/api/admin/import', document, 'POST');
    const { json } = await call(stage, `/api/admin/credentials/${upstream}/${credential!.id}/history`);
    expect(json.data).toMatchObject([{ from: 'active', to: 'disabled', reason: 'disabled by an operator' }]);
    expect(json.data[0].who).not.toBe('');
  });

  it('are deleted by id; an unknown one is 404', async () => {
    const stage = await filled();
    const [credential] = stage.vault.rows.credentials.values();
    const path = `/api/admin/credentials/openai/${credential?.id}`;
    expect((await call(stage, path, undefined, 'DELETE')).status).toBe(200);
    expect((await call(stage, path, undefined, 'DELETE')).status).toBe(404);
    expect((await call(stage, path, { weight: 1 }, 'PATCH')).status).toBe(404);
  });
});

describe('models', () => {
  const fields = { routes: [{ upstream: 'openai', model: 'x' }], price: { inputPerMillion: 0.15 } };

  it('may have slashes in their names, encoded or not', async () => {
    const stage = await filled();
    expect((await call(stage, '/api/admin/models/meta%2Fllama', fields, 'PUT')).status).toBe(201);
    expect((await call(stage, '/api/admin/models/meta/llama', fields, 'PUT')).status).toBe(200);
    expect((await call(stage, '/api/admin/models/meta%2Fllama', undefined, 'DELETE')).status).toBe(200);
  });

  it('show their price in dollars and its version', async () => {
    const stage = await filled();
    const { json } = await call(stage, '/api/admin/models/m', fields, 'PUT');
    expect(json.data).toMatchObject({
      class: 'chat',
      priceVersion: 1,
      price: { inputPerMillion: 0.15, reasoningPerMillion: null },
    });
    expect((await call(stage, '/api/admin/models')).json.data).toHaveLength(2);
  });

  it('lose their price by null and keep it by absence', async () => {
    const stage = await filled();
    await call(stage, '/api/admin/models/m', fields, 'PUT');
    const kept = await call(stage, '/api/admin/models/m', { routes: fields.routes }, 'PUT');
    const lost = await call(stage, '/api/admin/models/m', { routes: fields.routes, price: null }, 'PUT');
    expect([kept.json.data.priceVersion, lost.json.data.price]).toEqual([1, null]);
  });

  it('are refused with the path of the field at fault', async () => {
    const stage = await filled();
    const answer = await call(stage, '/api/admin/models/m', { routes: [{ upstream: 'x', model: 'm' }] }, 'PUT');
    expect(answer.json.errors[0].path).toBe('routes[0].upstream');
    expect((await call(stage, '/api/admin/models/none', undefined, 'DELETE')).status).toBe(404);
  });
});

describe('settings', () => {
  it('change what is named and keep the rest', async () => {
    const stage = createStage();
    await call(stage, '/api/admin/settings', { apiDocs: true }, 'PUT');
    const { json } = await call(stage, '/api/admin/settings', { browserOrigins: ['https://app.example'] }, 'PUT');
    expect(json.data).toEqual({ ...DEFAULT_SETTINGS, apiDocs: true, browserOrigins: ['https://app.example'] });
    expect((await call(stage, '/api/admin/settings')).json.data).toEqual(json.data);
  });

  it.each([[{ browserOrigins: ['app.example'] }], [{ browserOrigins: ['https://a.example/path'] }], [{ other: 1 }]])(
    'refuse %j',
    async (body) => {
      expect((await call(createStage(), '/api/admin/settings', body, 'PUT')).status).toBe(400);
    },
  );
});

describe('schedules', () => {
  it('run by hand with their parameters and answer with their report', async () => {
    const stage = createStage();
    const run = await call(stage, '/api/admin/schedules/sweep-holds/run', { olderThanMs: 0 });
    expect(run.json).toEqual({ success: true, data: { ran: 'sweep-holds', parameters: { olderThanMs: 0 } } });
    expect((await call(stage, '/api/admin/schedules/sweep-holds/run', undefined, 'POST')).json.data.parameters).toEqual(
      {},
    );
  });

  it('that do not exist are 404 and name those that do', async () => {
    const answer = await call(createStage(), '/api/admin/schedules/none/run', {});
    expect([answer.status, answer.json.error]).toEqual([404, 'There is no schedule none; there are: sweep-holds.']);
  });

  it('that fail are a 500 with the cause in the log', async () => {
    const stage = createStage({ runSchedule: () => Promise.reject(new Error('exploded')) });
    const answer = await call(stage, '/api/admin/schedules/sweep-holds/run', {});
    expect([answer.status, /exploded/.test(answer.text)]).toEqual([500, false]);
    expect(stage.log.join()).toMatch(/exploded/);
  });
});
