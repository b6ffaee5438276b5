import { describe, expect, it } from '@jest/globals';
import { createStage } from './support/admin-stage.ts';

const UPSTREAM = { name: 'up', format: 'openai-chat', vendor: 'openai', baseUrl: 'https://api.example.com/v1' };

async function staged() {
  const stage = createStage();
  const headers = await stage.as('super_admin');
  const credential = { upstream: 'up', name: 'alice', kind: 'api_key', secret: 'sk-very-secret' };
  await stage.call('/api/admin/import', {
    headers,
    body: { version: 1, upstreams: [UPSTREAM], credentials: [credential] },
  });
  const { json } = await stage.call('/api/admin/credentials', { headers });
  const path = `/api/admin/credentials/up/${json.data[0].id}`;
  return { stage, headers, path, id: String(json.data[0].id) };
}

describe('one credential', () => {
  it('is shown as in the list, without its secret, and as nobody’s who is not an operator', async () => {
    const { stage, headers, path } = await staged();
    const listed = (await stage.call('/api/admin/credentials', { headers })).json.data[0];
    const { status, json } = await stage.call(path, { headers });
    expect([status, json.data]).toEqual([200, { ...listed, owner: null }]);
    expect(JSON.stringify(json)).not.toContain('sk-very-secret');
  });

  it('says which user brought it, and what that user lends it for', async () => {
    const { stage, headers, path, id } = await staged();
    await stage.as('user');
    await stage.services.owned.create({
      upstream: 'up',
      credentialId: id,
      ownerId: 'usr_user',
      name: 'my key',
      sharing: 'shared',
      enabled: true,
      modelsOff: ['gpt-5'],
      removing: false,
      counted: [],
      revision: 1,
      createdAt: stage.now.ms,
      updatedAt: stage.now.ms,
    });
    const owner = { userId: 'usr_user', name: 'my key', sharing: 'shared', enabled: true, modelsOff: ['gpt-5'] };
    expect((await stage.call(path, { headers })).json.data.owner).toMatchObject(owner);
  });

  it('is not found where there is none, and not shown to users', async () => {
    const { stage, headers, path } = await staged();
    expect((await stage.call('/api/admin/credentials/up/crd_none', { headers })).status).toBe(404);
    expect((await stage.call(path, { headers: await stage.as('user') })).status).toBe(403);
  });
});
