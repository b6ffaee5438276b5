import { describe, expect, it } from '@jest/globals';
import type { AsideTokens } from '../../../layers/core/credentials/refresh/tokens.ts';
import type { SealedValue } from '../../../layers/core/credentials/store.ts';
import { createStage } from './support/admin-stage.ts';

const sealed = (ciphertext: string): SealedValue => ({ keyVersion: 'v1', encapsulatedSecret: 'e', ciphertext });
const UPSTREAM = {
  name: 'up',
  format: 'openai-chat',
  vendor: 'openai',
  baseUrl: 'https://api.example.com/v1',
  oauth: { tokenUrl: 'https://id.example.com/token', clientId: 'client' },
};

async function staged() {
  const stage = createStage();
  const headers = await stage.as('super_admin');
  const credential = { upstream: 'up', name: 'alice', kind: 'oauth', refreshToken: 'the-refresh-token' };
  const body = { version: 1, upstreams: [UPSTREAM], credentials: [credential] };
  await stage.call('/api/admin/import', { headers, body });
  const [row] = [...stage.tokens.rows.values()];
  const key = { upstream: 'up', credentialId: row!.credentialId };
  const put = (attempt: string, change: Partial<AsideTokens['grant']> = {}) =>
    stage.tokens.putAside({
      ...key,
      attempt,
      rotation: 1,
      at: stage.now.ms - 60_000,
      why: 'unsaved',
      grant: {
        accessToken: sealed('access'),
        accessDigest: 'digest',
        accessExpiresAt: stage.now.ms + 3_600_000,
        refreshToken: sealed('refresh'),
        ...change,
      },
    });
  const path = `/api/admin/credentials/up/${key.credentialId}/tokens-aside`;
  const adopt = (attempt: string) => stage.call(`${path}/${attempt}/adopt`, { method: 'POST', headers });
  const list = async () => (await stage.call(path, { headers })).json.data;
  return { stage, key, headers, put, adopt, list, path };
}

describe('tokens that lie aside', () => {
  it('are listed without telling them, and take the place of what stands there, once', async () => {
    const { stage, key, put, adopt, list } = await staged();
    await put('att_one');
    const told = await list();
    expect(told).toMatchObject([{ attempt: 'att_one', why: 'unsaved', hasRefreshToken: true }]);
    expect(JSON.stringify(told)).not.toContain('ciphertext');
    const before = (await stage.tokens.find(key))!;
    const { status, json } = await adopt('att_one');
    expect([status, json.data.tokens]).toMatchObject([200, { rotation: 2, lastResult: { outcome: 'adopted' } }]);
    expect(await stage.tokens.find(key)).toMatchObject({
      refreshToken: sealed('refresh'),
      lastRefreshToken: before.refreshToken,
      accessToken: sealed('access'),
      accessDigest: 'digest',
      intent: null,
      ambiguous: null,
      invalid: null,
      savedBy: ['att_one'],
    });
    expect((await stage.tokens.find(key))!.dueAt).toBeGreaterThan(stage.now.ms);
    expect(await list()).toEqual([]);
    expect(await adopt('att_one')).toMatchObject({ status: 404 });
  });

  it('lift what an attempt of unknown outcome had stopped', async () => {
    const { stage, key, put, adopt } = await staged();
    const row = (await stage.tokens.find(key))!;
    const reason = { attempt: 'att_two', at: 1, reason: 'no answer' };
    stage.tokens.rows.set(`up\n${key.credentialId}`, { ...row, intent: 'att_two', ambiguous: reason });
    await put('att_one');
    expect((await adopt('att_one')).json.data.tokens).toMatchObject({ ambiguous: null });
  });

  it('keep the refresh token that stands there where the server gave none', async () => {
    const { stage, key, put, adopt } = await staged();
    const before = (await stage.tokens.find(key))!;
    await put('att_one', { refreshToken: null });
    await adopt('att_one');
    expect(await stage.tokens.find(key)).toMatchObject({ refreshToken: before.refreshToken, accessDigest: 'digest' });
  });

  it('are written once where the removal was lost, and never over a rotation that nobody saw', async () => {
    const { stage, key, put, adopt } = await staged();
    await put('att_one');
    const remove = stage.tokens.removeAside;
    stage.tokens.removeAside = () => Promise.reject(new Error('lost'));
    expect((await adopt('att_one')).status).toBe(500);
    stage.tokens.removeAside = remove;
    expect((await adopt('att_one')).status).toBe(200);
    expect(await stage.tokens.find(key)).toMatchObject({ rotation: 2 });
  });

  it('are operators’ business', async () => {
    const { stage, path } = await staged();
    expect(await stage.call(path, { headers: await stage.as('user') })).toMatchObject({ status: 403 });
    const headers = await stage.as('super_admin');
    expect(await stage.call('/api/admin/credentials/up/crd_no/tokens-aside', { headers })).toMatchObject({
      status: 404,
    });
  });
});
