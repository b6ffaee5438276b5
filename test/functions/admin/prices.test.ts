import { aDocument, createStage, type Json, type Stage } from './support/admin-stage.ts';

async function stageWithModels(): Promise<Stage> {
  const stage = createStage();
  const document = aDocument();
  document.upstreams.push({
    name: 'google',
    format: 'gemini',
    vendor: 'gemini',
    baseUrl: 'https://generativelanguage.googleapis.com',
  });
  document.models.push(
    { name: 'flash', routes: [{ upstream: 'google', model: 'gemini-2.5-flash' }] },
    { name: 'odd', routes: [{ upstream: 'openai', model: 'nobody-knows' }] },
    { name: 'bare', routes: [{ upstream: 'openai', model: 'bare-model' }] },
  );
  const imported = await stage.call('/api/admin/import', { body: document, headers: await stage.as('super_admin') });
  expect(imported.status).toBe(200);
  return stage;
}

const LIST = {
  sample_spec: { input_cost_per_token: 'many', mode: 'one of: chat, …' },
  'gpt-5.1': { input_cost_per_token: 1.25e-6, output_cost_per_token: 1e-5, cache_read_input_token_cost: 1.25e-7 },
  'gemini/gemini-2.5-flash': {
    input_cost_per_token: 3e-7,
    output_cost_per_token: 2.5e-6,
    input_cost_per_audio_token: 1e-6,
    max_output_tokens: 65_535,
    input_cost_per_character: 1e-7,
  },
  'bare-model': { mode: 'chat' },
};

async function importList(stage: Stage, body: Json): Promise<{ status: number; json: Json }> {
  return stage.call('/api/admin/prices/import', { body, headers: await stage.as('admin') });
}

async function versionsOf(stage: Stage, model: string): Promise<Json> {
  const answer = await stage.call(`/api/admin/models/${model}/prices`, { headers: await stage.as('admin') });
  return answer.status === 200 ? answer.json.data : answer.status;
}

describe('the import of a price list', () => {
  it('prices what it finds by the routes of each model, and tells what became of every one', async () => {
    const stage = await stageWithModels();
    const { status, json } = await importList(stage, { list: LIST });
    expect(status).toBe(200);
    expect(json.data.counts).toEqual({ created: 1, changed: 1, unchanged: 0, unknown: 1, unpriced: 1 });
    const told = Object.fromEntries(json.data.models.map((model: Json) => [model.model, model]));
    expect(told['flash']).toMatchObject({
      entry: 'gemini/gemini-2.5-flash',
      outcome: 'created',
      version: 1,
      price: { inputPerMillion: 0.3, outputPerMillion: 2.5, audioInputPerMillion: 1, cacheReadPerMillion: 0.3 },
      maxOutputTokens: 65_535,
      warnings: ['input_cost_per_character is not used'],
    });
    // Only its caches' writes were not priced before.
    expect(told['gpt-5']).toMatchObject({ entry: 'gpt-5.1', outcome: 'changed', version: 2 });
    expect(told['odd']).toMatchObject({ entry: null, outcome: 'unknown', price: null });
    expect(told['bare']).toMatchObject({ entry: 'bare-model', outcome: 'unpriced', price: null });
  });

  it('a second time changes nothing, and a new price is a new version beside the old ones', async () => {
    const stage = await stageWithModels();
    await importList(stage, { list: LIST });
    const again = await importList(stage, { list: LIST });
    expect(again.json.data.counts).toMatchObject({ created: 0, changed: 0, unchanged: 2 });
    const dearer = { ...LIST, 'gpt-5.1': { ...LIST['gpt-5.1'], output_cost_per_token: '1.2e-05' } };
    await importList(stage, { list: dearer });
    const { current, versions } = await versionsOf(stage, 'gpt-5');
    expect(current).toBe(3);
    expect(versions.map((one: Json) => Number.isNaN(Date.parse(one.since)))).not.toContain(true);
    expect(versions.map((one: Json) => [one.version, one.price.outputPerMillion])).toEqual([
      [3, 12],
      [2, 10],
      [1, 10],
    ]);
  });

  it('that is only tried says the same and writes nothing', async () => {
    const stage = await stageWithModels();
    const tried = await importList(stage, { list: LIST, dryRun: true });
    expect(await versionsOf(stage, 'flash')).toEqual({ model: 'flash', current: null, versions: [] });
    const done = await importList(stage, { list: LIST });
    expect(tried.json.data).toEqual({ ...done.json.data, dryRun: true });
  });

  it('stands in the audit log with the prices that changed, and without the list', async () => {
    const stage = await stageWithModels();
    await importList(stage, { list: LIST });
    const entry = stage.auditStore.entries().findLast(({ action }) => action.includes('prices/import'));
    const fields = entry?.changes.map((change) => change.field) ?? [];
    expect(fields.some((field) => field.startsWith('flash'))).toBe(true);
    expect(fields.some((field) => field.startsWith('gpt-5'))).toBe(true);
    expect(fields.some((field) => field.startsWith('list'))).toBe(false);
    expect(JSON.stringify(entry)).not.toContain('sample_spec');
  });

  it('takes a list as large as public ones are', async () => {
    const stage = await stageWithModels();
    const others = Array.from({ length: 4_000 }, (_none, index) => [
      `other-${index}`,
      { ...LIST['gpt-5.1'], x: 'x'.repeat(400) },
    ]);
    const { status, json } = await importList(stage, { list: { ...Object.fromEntries(others), ...LIST } });
    expect([status, json.data.counts.created]).toEqual([200, 1]);
  });

  it('takes a model under the name that it is told', async () => {
    const stage = await stageWithModels();
    const { json } = await importList(stage, { list: LIST, models: { odd: 'gpt-5.1' } });
    expect(json.data.models.find((model: Json) => model.model === 'odd')).toMatchObject({ outcome: 'created' });
  });

  it('writes nothing at all when one price cannot be read, and names the field', async () => {
    const stage = await stageWithModels();
    const list = { ...LIST, 'gemini/gemini-2.5-flash': { input_cost_per_token: -1, output_cost_per_token: {} } };
    const { status, json } = await importList(stage, { list });
    expect(status).toBe(400);
    expect(json.errors.map((error: Json) => error.path)).toEqual([
      'list.gemini/gemini-2.5-flash.input_cost_per_token',
      'list.gemini/gemini-2.5-flash.output_cost_per_token',
    ]);
    expect((await versionsOf(stage, 'gpt-5')).current).toBe(1);
  });

  it.each([
    [{ list: LIST, models: { nobody: 'gpt-5.1' } }, 'models.nobody'],
    [{ list: LIST, models: { odd: 'not-listed' } }, 'models.odd'],
    [{ list: { 'gpt-5.1': 7 } }, 'list.gpt-5.1'],
    [{ list: [] }, 'list'],
    [{}, 'list'],
  ])('refuses %#: names what is wrong', async (body, path) => {
    const { status, json } = await importList(await stageWithModels(), body);
    expect(status).toBe(400);
    expect(json.errors[0].path).toBe(path);
  });

  it('is for administrators', async () => {
    const stage = await stageWithModels();
    const headers = await stage.as('user');
    expect((await stage.call('/api/admin/prices/import', { body: { list: {} }, headers })).status).toBe(403);
    expect((await stage.call('/api/admin/models/gpt-5/prices', { headers })).status).toBe(403);
  });
});

describe('the price of a model', () => {
  const PRICE = {
    inputPerMillion: 1,
    outputPerMillion: 2,
    audioInputPerMillion: 3,
    imageOutputPerMillion: 30,
    perVideoSecond: 0.1,
    perRequest: 0.005,
    perWebSearch: 0.01,
    tiers: [{ aboveInputTokens: 200_000, inputPerMillion: 2, outputPerMillion: 4, reasoningPerMillion: 5 }],
  };
  const MODEL = { routes: [{ upstream: 'openai', model: 'a' }], price: PRICE };

  async function put(stage: Stage, name: string, body: Json): Promise<Json> {
    return stage.call(`/api/admin/models/${name}`, { method: 'PUT', body, headers: await stage.as('admin') });
  }

  it('has parts, pieces and tiers, and can be sent back as it was shown', async () => {
    const stage = await stageWithModels();
    const first = await put(stage, 'vendor/new', MODEL);
    expect(first.status).toBe(201);
    expect(first.json.data.price).toMatchObject(PRICE);
    const second = await put(stage, 'vendor/new', { ...MODEL, price: first.json.data.price });
    expect([second.status, second.json.data.priceVersion]).toEqual([200, 1]);
    expect((await versionsOf(stage, 'vendor/new')).versions).toHaveLength(1);
    const exported = await stage.call('/api/admin/export', { headers: await stage.as('super_admin') });
    const again = await stage.call('/api/admin/import', {
      body: exported.json,
      headers: await stage.as('super_admin'),
    });
    expect(again.json.data).toMatchObject({ created: [], updated: [] });
  });

  it('may be another one by route, as a version of its own', async () => {
    const stage = await stageWithModels();
    const routes = [
      { upstream: 'openai', model: 'a' },
      { upstream: 'google', model: 'b', price: { inputPerMillion: 9 } },
      { upstream: 'google', model: 'c', price: { inputPerMillion: 9 } },
    ];
    const made = await put(stage, 'two-ways', { ...MODEL, routes });
    expect(made.json.data.routes.map((route: Json) => route.price?.inputPerMillion)).toEqual([undefined, 9, 9]);
    const stored = await stage.catalog.findModel('two-ways');
    expect([stored?.price?.version, ...(stored?.routes ?? []).map((route) => route.price?.version)]).toEqual([
      1,
      undefined,
      2,
      2,
    ]);
    await put(stage, 'two-ways', { ...MODEL, routes });
    expect((await versionsOf(stage, 'two-ways')).versions.map((one: Json) => one.version)).toEqual([2, 1]);
  });

  it.each([
    [{ tiers: [{ aboveInputTokens: 5 }, { aboveInputTokens: 5 }] }, 'price.tiers'],
    [{ tiers: [{ aboveInputTokens: 0 }] }, 'price.tiers[0].aboveInputTokens'],
    [{ perRequest: -1 }, 'price.perRequest'],
    [{ perSecond: 1 }, 'price'],
  ])('is refused with %j', async (price, path) => {
    const { status, json } = await put(await stageWithModels(), 'x', { ...MODEL, price });
    expect(status).toBe(400);
    expect(json.errors[0].path).toContain(path);
  });
});
