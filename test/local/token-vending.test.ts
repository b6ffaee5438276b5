import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAdminClient, type AdminClient } from '../support/admin-client.ts';
import { sharedStack, type Ready } from '../support/stack.ts';

/** Names of this file's own, since the stack is shared. */
const RUN = Date.now().toString(36);
/** A grant takes long enough that calls which come together find it under way. */
const FAMILY = `vend-${RUN}--delay-1500`;
const UPSTREAM = `vend-${RUN}`;
const BIZ_ID = `biz-${RUN}`;
const EMAIL = `${RUN}@example.com`;

interface Told {
  status: number;
  json: { success: boolean; msg: string; data?: Record<string, string> };
}

describe('tokens for machines on the local stack', () => {
  let ready: Ready;
  let admin: AdminClient;
  let secret: string;

  beforeAll(async () => {
    ready = sharedStack();
    admin = await createAdminClient(ready);
    const oauth = { tokenUrl: `${ready.sandboxUrl}/oauth/token`, clientId: 'sandbox-client' };
    const speaks = { format: 'openai-chat', vendor: 'openai-compatible', baseUrl: `${ready.sandboxUrl}/v1` };
    const credential = { upstream: UPSTREAM, kind: 'oauth', enabled: false };
    await admin.expectOk('POST', '/api/admin/import', {
      version: 1,
      upstreams: [{ name: UPSTREAM, ...speaks, oauth }],
      credentials: [
        { ...credential, name: 'alice', refreshToken: `rt-${FAMILY}`, bizId: BIZ_ID, email: EMAIL },
        {
          ...credential,
          name: 'broken',
          refreshToken: `rt-vend-${RUN}-broken--invalid-grant`,
          bizId: `${BIZ_ID}-broken`,
        },
      ],
    });
    const { data } = await admin.expectOk('POST', '/api/admin/machine-secrets', { name: `machine-${RUN}` });
    secret = (data as { secret: string }).secret;
  });

  afterAll(async () => {
    await admin.expectOk('PUT', '/api/admin/settings', { autoRefresh: { enabled: false, intervalDays: 2 } });
    const { data } = await admin.expectOk('GET', `/api/admin/credentials?upstream=${UPSTREAM}`);
    const left = data as { id: string }[];
    await Promise.all(left.map(({ id }) => admin.expectOk('DELETE', `/api/admin/credentials/${UPSTREAM}/${id}`)));
  });

  const ask = async (way: string, body: object, given: string | null = secret): Promise<Told> => {
    const answer = await fetch(`${ready.url}/public-api/${way}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(given === null ? {} : { 'x-api-secret': given }) },
      body: JSON.stringify(body),
    });
    return { status: answer.status, json: (await answer.json()) as Told['json'] };
  };
  const grants = async (): Promise<{ outcome: string }[]> => {
    const answer = (await (await fetch(`${ready.sandboxUrl}/__oauth`)).json()) as {
      grants: { outcome: string; family: string }[];
    };
    return answer.grants.filter(({ family }) => family === FAMILY);
  };

  it('are got as they are stored, without a call of the token endpoint', async () => {
    const { status, json } = await ask('get-at', { biz_id: BIZ_ID });
    expect([status, json]).toEqual([
      200,
      {
        success: true,
        msg: expect.any(String),
        data: {
          biz_id: BIZ_ID,
          email: EMAIL,
          access_token: '',
          refresh_token: `rt-${FAMILY}`,
          type: 'basic',
          user_name: 'alice',
        },
      },
    ]);
    expect(await grants()).toEqual([]);
  });

  it('are refreshed once for calls that come together, which all get the same', async () => {
    const told = await Promise.all(Array.from({ length: 6 }, () => ask('refresh', { email: EMAIL })));
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 200));
    expect(new Set(told.map(({ json }) => json.data?.['access_token'])).size).toBe(1);
    expect(told[0]!.json.data?.['access_token']).not.toBe('');
    expect(await grants()).toMatchObject([{ outcome: 'granted' }]);
    const stored = await ask('get-at', { biz_id: BIZ_ID });
    expect(stored.json.data).toEqual(told[0]!.json.data);
  });

  it('are refused as the contract has it', async () => {
    const refused = { success: false, msg: expect.any(String) };
    for (const wrong of [null, 'sk-machine-wrong-wrong-wrong-wrong-wrong']) {
      expect(await ask('get-at', { biz_id: BIZ_ID }, wrong)).toEqual({ status: 401, json: refused });
      expect(await ask('refresh', { biz_id: BIZ_ID }, wrong)).toEqual({ status: 401, json: refused });
    }
    expect(await ask('refresh', {})).toEqual({ status: 400, json: refused });
    expect(await ask('refresh', { biz_id: 'nobody', email: EMAIL })).toEqual({ status: 404, json: refused });
    const failed = await ask('refresh', { biz_id: `${BIZ_ID}-broken` });
    expect([failed.status, failed.json]).toEqual([
      500,
      { ...refused, data: expect.objectContaining({ refresh_result: expect.stringContaining('invalid_grant') }) },
    ]);
    expect(JSON.stringify(failed.json)).not.toContain('--invalid-grant');
  });

  it('are opened by both values of a secret while it is rotated, and by the one before no more when it is ended', async () => {
    const path = `/api/admin/machine-secrets/machine-${RUN}`;
    const { data } = await admin.expectOk('POST', `${path}/rotate`, {});
    const other = (data as { secret: string }).secret;
    const statuses = async () => [
      (await ask('get-at', { biz_id: BIZ_ID })).status,
      (await ask('get-at', { biz_id: BIZ_ID }, other)).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    await admin.expectOk('DELETE', `${path}/previous`);
    secret = other;
    expect((await ask('get-at', { biz_id: BIZ_ID })).status).toBe(200);
  });

  it('are refreshed in a batch, with a result for each', async () => {
    const { data } = await admin.expectOk('GET', `/api/admin/credentials?upstream=${UPSTREAM}`);
    const items = (data as { id: string; upstream: string; name: string }[]).map(({ id, upstream }) => ({
      id,
      upstream,
    }));
    const batch = await admin.expectOk('POST', '/api/admin/credentials/batch-refresh', { items });
    expect(batch.data).toMatchObject({ total: 2, success: 1, fail: 1 });
    expect((await grants()).map(({ outcome }) => outcome)).toEqual(['granted', 'granted']);
    const all = await admin.expectOk('POST', '/api/admin/credentials/refresh-all', { upstream: UPSTREAM });
    expect(all.data).toMatchObject({ total: 0, nextCursor: null });
  });

  it('are renewed by a sweep that begins when it is switched on, without waiting for its tick', async () => {
    const { data } = await admin.expectOk('GET', `/api/admin/credentials?upstream=${UPSTREAM}`);
    const alice = (data as { id: string; name: string }[]).find(({ name }) => name === 'alice')!;
    await admin.expectOk('PATCH', `/api/admin/credentials/${UPSTREAM}/${alice.id}`, { enabled: true });
    const before = (await grants()).length;
    await admin.expectOk('PUT', '/api/admin/settings', { autoRefresh: { enabled: true, intervalDays: 2 } });
    const deadline = Date.now() + 30_000;
    const isGranted = async () => (await grants()).slice(before).some(({ outcome }) => outcome === 'granted');
    while (!(await isGranted()) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect((await grants()).slice(before)).toMatchObject([{ outcome: 'granted' }]);
  });
});
