import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAdminClient, type AdminClient } from '../support/admin-client.ts';
import { sharedStack, type Ready } from '../support/stack.ts';

/** Names of this file's own, since the stack is shared. */
const FAMILY = `local-${Date.now().toString(36)}`;

describe('credentials of OAuth on the local stack', () => {
  let ready: Ready;
  let admin: AdminClient;

  beforeAll(async () => {
    ready = sharedStack();
    admin = await createAdminClient(ready);
    const oauth = { tokenUrl: `${ready.sandboxUrl}/oauth/token`, clientId: 'sandbox-client' };
    const upstream = {
      name: 'oauth-up',
      format: 'openai-chat',
      vendor: 'openai-compatible',
      baseUrl: `${ready.sandboxUrl}/v1`,
      oauth,
    };
    const credential = { upstream: 'oauth-up', name: 'alice', kind: 'oauth', refreshToken: `rt-${FAMILY}` };
    const model = {
      name: 'oauth-chat',
      class: 'chat',
      routes: [{ upstream: 'oauth-up', model: 'sandbox-chat--words-5' }],
    };
    const document = { version: 1, upstreams: [upstream], credentials: [credential], models: [model] };
    await admin.expectOk('POST', '/api/admin/import', document);
  });

  afterAll(async () => {
    await admin.expectOk('PUT', '/api/admin/settings', { autoRefresh: { enabled: false, intervalDays: 2 } });
  });

  const ask = async (): Promise<number> => {
    const answer = await fetch(`${ready.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'oauth-chat', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    await answer.text();
    return answer.status;
  };
  const grants = async (): Promise<{ outcome: string; family: string }[]> => {
    const answer = (await (await fetch(`${ready.sandboxUrl}/__oauth`)).json()) as {
      grants: { outcome: string; family: string }[];
    };
    return answer.grants.filter(({ family }) => family === FAMILY);
  };
  const credential = async () => {
    const { data } = await admin.expectOk('GET', '/api/admin/credentials?upstream=oauth-up');
    return (data as { id: string; state: string; tokens: { rotation: number; lastResult: { text: string } } }[])[0]!;
  };

  it('are refreshed by the first request that needs a token, once for requests that come together', async () => {
    const statuses = await Promise.all(Array.from({ length: 8 }, ask));
    expect(statuses).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await grants()).toMatchObject([{ outcome: 'granted' }]);
    expect(await credential()).toMatchObject({ state: 'active', tokens: { rotation: 2, hasAccessToken: true } });
  });

  it('are refreshed once for an access token that the upstream refuses, and the request goes on', async () => {
    await fetch(`${ready.sandboxUrl}/__oauth/revoke`, { method: 'POST', body: JSON.stringify({ family: FAMILY }) });
    const before = (await grants()).length;
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([200, 200, 200]);
    expect((await grants()).slice(before)).toMatchObject([{ outcome: 'granted' }]);
  });

  it('are refreshed by hand, and by the sweep once that is turned on', async () => {
    const { id, tokens } = await credential();
    const { data } = await admin.expectOk('POST', `/api/admin/credentials/oauth-up/${id}/refresh`, {});
    expect(data).toMatchObject({ outcome: 'refreshed', credential: { tokens: { rotation: tokens.rotation + 1 } } });
    const off = await admin.expectOk('POST', '/api/admin/schedules/refresh-credentials/run', {});
    expect(off.data).toMatchObject({ enabled: false });
    await admin.expectOk('PUT', '/api/admin/settings', { autoRefresh: { enabled: true, intervalDays: 2 } });
    const on = await admin.expectOk('POST', '/api/admin/schedules/refresh-credentials/run', { pauseMs: [0, 0] });
    expect(on.data).toMatchObject({ enabled: true, outcomes: { refreshed: 1 } });
    const again = await admin.expectOk('POST', '/api/admin/schedules/refresh-credentials/run', { pauseMs: [0, 0] });
    expect(again.data).toMatchObject({ enabled: true, outcomes: {} });
    expect(await grants()).not.toContainEqual(expect.objectContaining({ outcome: expect.stringContaining('reuse') }));
  });

  it('are of the newest key of the vault already', async () => {
    const { data } = await admin.expectOk('POST', '/api/admin/schedules/reseal-credentials/run', {});
    expect(data).toMatchObject({ resealed: 0, unopened: 0, unfinished: false });
  });

  it('stay as they are when the document that brought them is imported again', async () => {
    const before = await credential();
    const document = {
      version: 1,
      credentials: [{ upstream: 'oauth-up', name: 'alice', kind: 'oauth', refreshToken: `rt-${FAMILY}` }],
    };
    const { data } = await admin.expectOk('POST', '/api/admin/import', document);
    expect(data).toMatchObject({ unchanged: ['credentials/oauth-up/alice'] });
    expect(await credential()).toEqual(before);
  });
});
