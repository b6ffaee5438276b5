import { describe, expect, it } from '@jest/globals';
import { ambiguousWrite, beginWrite, saveWrite } from '../../../layers/core/credentials/refresh/rules.ts';
import { tokenAssociatedData } from '../../../layers/core/credentials/sealing-port.ts';
import { createOpener } from '../../../layers/core/credentials/sealing.ts';
import { createStage, VAULT_SEED, type Stage } from './support/admin-stage.ts';

const UPSTREAM = {
  name: 'up',
  format: 'openai-chat',
  vendor: 'openai',
  baseUrl: 'https://api.example.com/v1',
  oauth: { tokenUrl: 'https://id.example.com/token', clientId: 'client', clientSecret: 'the-client-secret' },
};
const CREDENTIAL = {
  upstream: 'up',
  name: 'alice',
  kind: 'oauth',
  refreshToken: 'the-refresh-token',
  proxyUrl: 'socks5://user:the-password@proxy.example.com:1080',
  bizId: 'biz-1',
};

async function staged(): Promise<{ stage: Stage; key: { upstream: string; credentialId: string }; path: string }> {
  const stage = createStage();
  const headers = await stage.as('super_admin');
  const { status, json } = await stage.call('/api/admin/import', {
    headers,
    body: { version: 1, upstreams: [UPSTREAM], credentials: [CREDENTIAL] },
  });
  if (status !== 200) throw new Error(JSON.stringify(json));
  const [row] = [...stage.tokens.rows.values()];
  const key = { upstream: 'up', credentialId: row!.credentialId };
  return { stage, key, path: `/api/admin/credentials/up/${key.credentialId}` };
}

const view = async (stage: Stage) => {
  const { json } = await stage.call('/api/admin/credentials', { headers: await stage.as('super_admin') });
  return json.data[0];
};

describe('credentials of OAuth', () => {
  it('keep every secret sealed, and show none of them', async () => {
    const { stage, key } = await staged();
    const row = stage.tokens.rows.get(`up\n${key.credentialId}`)!;
    const opener = createOpener({ seeds: { v1: VAULT_SEED } });
    expect(await opener.open(row.refreshToken!, tokenAssociatedData(key, 'refreshToken'))).toBe('the-refresh-token');
    const headers = await stage.as('super_admin');
    const answers = await Promise.all(
      ['/api/admin/credentials', '/api/admin/upstreams', '/api/admin/export'].map((path) =>
        stage.call(path, { headers }),
      ),
    );
    const stored = JSON.stringify([
      ...stage.vault.rows.credentials.values(),
      ...stage.vault.rows.upstreams.values(),
      row,
    ]);
    for (const text of [...answers.map(({ json }) => JSON.stringify(json)), stored]) {
      expect(text).not.toMatch(/the-refresh-token|the-client-secret|the-password/);
    }
    expect(await view(stage)).toMatchObject({
      bizId: 'biz-1',
      proxyUrl: 'socks5://proxy.example.com:1080',
      hasProxyPassword: true,
      tokens: { rotation: 1, hasRefreshToken: true, hasAccessToken: false, isRefreshing: false },
    });
  });

  it('have a biz id, given or made, which a document keeps', async () => {
    const { stage } = await staged();
    const headers = await stage.as('super_admin');
    const make = async (entry: object) => {
      const body = { upstream: 'up', kind: 'oauth', ...entry };
      const { status, json } = await stage.call('/api/admin/credentials', { headers, body });
      return status === 201 ? json.data.bizId : status;
    };
    const made = await make({ name: 'b', refreshToken: 'token-b' });
    expect(made).toMatch(/^[0-9a-f]{32}$/);
    expect(await make({ name: 'c', refreshToken: 'token-c', bizId: ' ' })).toMatch(/^[0-9a-f]{32}$/);
    expect(await make({ name: 'd', refreshToken: 'token-d', bizId: 'mine' })).toBe('mine');
    expect(await make({ name: 'e', refreshToken: 'token-e', bizId: null })).toBeNull();
    expect(await make({ name: 'f', kind: 'api_key', secret: 'sk-key' })).toBeNull();
    const document = {
      version: 1,
      credentials: [{ upstream: 'up', name: 'b', kind: 'oauth', refreshToken: 'token-b' }],
    };
    const { json } = await stage.call('/api/admin/import', { headers, body: document });
    expect(json.data.unchanged).toEqual(['credentials/up/b']);
    const twice = ['x', 'y'].map((name) => ({
      upstream: 'up',
      name,
      kind: 'oauth',
      refreshToken: name,
      bizId: 'same',
    }));
    const refused = await stage.call('/api/admin/import', { headers, body: { version: 1, credentials: twice } });
    expect([refused.status, refused.json.errors[0].path]).toEqual([400, 'credentials[1].bizId']);
  });

  it('do not get a rotated token back when the document that brought them is imported again', async () => {
    const { stage, key } = await staged();
    const row = (await stage.tokens.find(key))!;
    const grant = {
      accessToken: row.refreshToken,
      accessDigest: 'd',
      accessExpiresAt: null,
      refreshToken: row.refreshToken,
    };
    await stage.tokens.write(key, saveWrite(row, grant, { attempt: 't', now: 1, text: '' }));
    const { json } = await stage.call('/api/admin/import', {
      headers: await stage.as('super_admin'),
      body: { version: 1, upstreams: [UPSTREAM], credentials: [CREDENTIAL] },
    });
    expect(json.data).toMatchObject({ created: [], updated: [], unchanged: ['upstreams/up', 'credentials/up/alice'] });
    expect((await stage.tokens.find(key))!.rotation).toBe(2);
  });

  it('take another refresh token from an operator, which lifts what stood against the old one', async () => {
    const { stage, key, path } = await staged();
    const row = (await stage.tokens.find(key))!;
    const attempt = { id: 't', owner: 'p', now: 1, leaseMs: 1, isForRejected: false };
    await stage.tokens.write(key, beginWrite(row, attempt, false));
    await stage.tokens.write(key, ambiguousWrite({ attempt: 't', now: 2, reason: 'No answer.' }));
    expect((await view(stage)).tokens.ambiguous).toMatchObject({ reason: 'No answer.' });
    const headers = await stage.as('super_admin');
    const { status } = await stage.call(path, { method: 'PATCH', headers, body: { refreshToken: 'another-one' } });
    expect(status).toBe(200);
    expect(await stage.tokens.find(key)).toMatchObject({ rotation: 2, intent: null, ambiguous: null });
  });

  it('are refreshed by the vault when an operator asks for it, and other kinds are not', async () => {
    const { stage, path } = await staged();
    const headers = await stage.as('super_admin');
    const { json } = await stage.call(`${path}/refresh`, { headers, body: {} });
    expect(json.data).toMatchObject({ outcome: 'refreshed', credential: { name: 'alice' } });
    const missing = await stage.call('/api/admin/credentials/up/crd_none/refresh', { headers, body: {} });
    expect(missing.status).toBe(404);
    const user = await stage.call(`${path}/refresh`, { headers: await stage.as('user'), body: {} });
    expect(user.status).toBe(403);
  });

  it('of another kind are refused what is not theirs, by the name of the field', async () => {
    const { stage } = await staged();
    const headers = await stage.as('super_admin');
    const refused = async (entry: object) => {
      const { status, json } = await stage.call('/api/admin/credentials', {
        headers,
        body: { upstream: 'up', name: 'x', ...entry },
      });
      return [status, json.errors?.[0]?.path];
    };
    expect(await refused({ kind: 'oauth' })).toEqual([400, 'refreshToken']);
    expect(await refused({ kind: 'oauth', secret: 'sk', refreshToken: 'r' })).toEqual([400, 'secret']);
    expect(await refused({ kind: 'headers' })).toEqual([400, 'headers']);
    expect(await refused({ kind: 'api_key', secret: 'sk', refreshToken: 'r' })).toEqual([400, 'refreshToken']);
    expect(await refused({ kind: 'oauth', refreshToken: 'r', proxyUrl: 'ftp://proxy.example.com' })).toEqual([
      400,
      'proxyUrl',
    ]);
  });
});
