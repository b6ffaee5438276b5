import { aKey, aModel, call, NOW, startRig, type Call, type Rig } from './rig.ts';

const NAMES = ['alpha', 'beta', 'delta', 'gamma', 'org/model'];
const ANTHROPIC = { 'anthropic-version': '2023-06-01' };

let rig: Rig;
afterEach(() => rig.close());

async function start(models = ['*']): Promise<void> {
  rig = await startRig({
    models: NAMES.map((name) => aModel({ name, maxOutputTokens: name === 'beta' ? 4096 : null })),
    keys: [aKey({ models })],
  });
}

function get(path: string, headers: Record<string, string> = {}): Promise<Call> {
  return call(rig, { method: 'GET', path, headers });
}

describe('the models', () => {
  it('are listed in the shape of OpenAI’s SDK, those of the key alone', async () => {
    await start(['beta', 'gamma', 'gone']);
    const answer = await get('/v1/models');
    const created = NOW / 1000;
    expect(answer.json).toEqual({
      object: 'list',
      data: ['beta', 'gamma'].map((id) => ({ id, object: 'model', created, owned_by: 'sluice' })),
    });
    expect((await get('/v1/models/beta')).json).toMatchObject({ id: 'beta' });
    for (const name of ['alpha', 'nothing']) {
      expect(await get(`/v1/models/${name}`)).toMatchObject({
        status: 404,
        json: { error: { code: 'model_not_found' } },
      });
    }
  });

  it('are paged as Anthropic’s SDK walks them, forth and back', async () => {
    await start();
    const first = await get('/v1/models?limit=2', ANTHROPIC);
    expect(first.json).toEqual({
      data: ['alpha', 'beta'].map((id) => ({
        type: 'model',
        id,
        display_name: id,
        created_at: '2026-11-21T12:00:00Z',
      })),
      has_more: true,
      first_id: 'alpha',
      last_id: 'beta',
    });
    const ids = async (query: string): Promise<unknown> => {
      const { json } = await get(`/v1/models?${query}`, ANTHROPIC);
      return [json.data.map(({ id }: { id: string }) => id), json.has_more];
    };
    expect(await ids('limit=2&after_id=beta')).toEqual([['delta', 'gamma'], true]);
    expect(await ids('limit=2&after_id=gamma')).toEqual([['org/model'], false]);
    expect(await ids('limit=2&before_id=gamma')).toEqual([['beta', 'delta'], true]);
    expect(await ids('limit=2&before_id=beta')).toEqual([['alpha'], false]);
    expect(await ids('after_id=org/model')).toEqual([[], false]);
    expect(await ids('limit=1000')).toEqual([NAMES, false]);
  });

  it('are paged as Google’s SDK walks them', async () => {
    await start();
    const first = await get('/v1beta/models?pageSize=3');
    expect(first.json.models.map(({ name }: { name: string }) => name)).toEqual([
      'models/alpha',
      'models/beta',
      'models/delta',
    ]);
    expect(first.json.models[1]).toMatchObject({
      outputTokenLimit: 4096,
      supportedGenerationMethods: expect.any(Array),
    });
    const second = await get(`/v1beta/models?pageSize=3&pageToken=${first.json.nextPageToken}`);
    expect(second.json.models.map(({ name }: { name: string }) => name)).toEqual(['models/gamma', 'models/org/model']);
    expect(second.json).not.toHaveProperty('nextPageToken');
    expect((await get('/v1/models/beta', { 'x-goog-api-client': 'genai-js' })).json).toMatchObject({
      name: 'models/beta',
    });
  });

  it.each([
    ['/v1/models?limit=0', ANTHROPIC, 'limit'],
    ['/v1/models?limit=x', ANTHROPIC, 'limit'],
    ['/v1/models?limit=1.5', ANTHROPIC, 'limit'],
    ['/v1/models?after_id=nothing', ANTHROPIC, 'after_id'],
    ['/v1/models?before_id=nothing', ANTHROPIC, 'before_id'],
    ['/v1beta/models?pageSize=-1', {}, 'pageSize'],
    ['/v1beta/models?pageToken=%00', {}, 'pageToken'],
  ])('of %s with %j are a 400 that names %s', async (path, headers, field) => {
    await start();
    const answer = await get(path, headers as Record<string, string>);
    expect([answer.status, answer.json.error.message]).toEqual([400, expect.stringContaining(field)]);
  });
});
