import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAdminClient, type AdminClient } from '../support/admin-client.ts';
import { sharedStack, type Ready } from '../support/stack.ts';

/** Names of this file's own, since the stack is shared. */
const OWN = `rec${Date.now().toString(36)}`;
const UPSTREAM = `${OWN}-up`;
const MANY = 60;
const PAGE = 10;

interface Row {
  id: string;
  name: string;
  bizId: string;
  enabled: boolean;
  tokens: { rotation: number } | null;
}

describe('records on the local stack', () => {
  let ready: Ready;
  let admin: AdminClient;

  beforeAll(async () => {
    ready = sharedStack();
    admin = await createAdminClient(ready);
    const oauth = { tokenUrl: `${ready.sandboxUrl}/oauth/token`, clientId: 'sandbox-client' };
    const upstream = {
      name: UPSTREAM,
      format: 'openai-chat',
      vendor: 'openai-compatible',
      baseUrl: `${ready.sandboxUrl}/v1`,
      oauth,
    };
    const routes = [{ upstream: UPSTREAM, model: 'sandbox-chat--words-5' }];
    const models = [{ name: `${OWN}-chat`, class: 'chat', routes }];
    await admin.expectOk('POST', '/api/admin/import', { version: 1, upstreams: [upstream], models });
  });

  const list = async (query: string) => {
    const answer = await admin.expectOk('GET', `/api/admin/credentials?upstream=${UPSTREAM}&${query}`);
    return answer as unknown as { data: Row[]; pagination: { next_cursor: string | null } };
  };
  const places = (rows: readonly Row[]) => ({ items: rows.map(({ id }) => ({ upstream: UPSTREAM, id })) });
  afterAll(async () => {
    for (;;) {
      const { data } = await list('limit=200');
      if (data.length === 0) return;
      await admin.expectOk('POST', '/api/admin/credentials/batch-delete', places(data));
    }
  });

  it('come in by lines, disabled, and are listed by page', async () => {
    const refreshTokens = Array.from({ length: MANY }, (_, index) => `rt-${OWN}-${index}`);
    const body = { upstream: UPSTREAM, tag: OWN, refreshTokens };
    const first = await admin.expectOk('POST', '/api/admin/credentials/import', body);
    expect(first.data).toMatchObject({ total_count: MANY, success_count: MANY, fail_count: 0 });
    const again = await admin.expectOk('POST', '/api/admin/credentials/import', body);
    expect(again.data).toMatchObject({ success_count: 0, fail_count: MANY });

    const page = await list(`limit=${PAGE}&tag=${OWN}`);
    expect(page.data).toHaveLength(PAGE);
    const wanted = page.data[PAGE - 1]!.bizId;
    expect((await list(`search=${wanted.slice(0, 20)}`)).data).toMatchObject([{ bizId: wanted, enabled: false }]);

    const seen = new Set(page.data.map(({ id }) => id));
    for (let cursor = page.pagination.next_cursor; cursor !== null;) {
      const next = await list(`limit=${PAGE}&tag=${OWN}&cursor=${encodeURIComponent(cursor)}`);
      for (const { id } of next.data) seen.add(id);
      cursor = next.pagination.next_cursor;
    }
    expect(seen.size).toBe(MANY);
  });

  it('serve once they are enabled, and tell what happened to them', async () => {
    const { data } = await list('limit=3');
    await admin.expectOk('POST', '/api/admin/credentials/batch-enable', places(data));
    const body = JSON.stringify({ model: `${OWN}-chat`, messages: [{ role: 'user', content: 'Hello' }] });
    const headers = { authorization: `Bearer ${ready.apiKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`${ready.url}/v1/chat/completions`, { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toMatchObject([200, expect.any(String)]);
    const used = (await list('enabled=true')).data.find(({ tokens }) => tokens?.rotation === 2);
    const log = await admin.expectOk('GET', `/api/admin/credentials/${UPSTREAM}/${used?.id}/history`);
    expect(log.data).toMatchObject([
      { by: 'refresh', reason: 'its first access token' },
      { by: 'operator', from: 'disabled', to: 'active' },
    ]);
  });

  it('are given another client id when the list of their upstream changes', async () => {
    const path = `/api/admin/upstreams/${UPSTREAM}/client-ids`;
    const put = await admin.expectOk('PUT', path, { clientIds: ['sandbox-client'] });
    expect(put).toMatchObject({ reassignment: { done: true, looked_at: MANY, changed: MANY, next: null } });
    const cleared = await admin.expectOk('PUT', path, { clientIds: [] });
    expect(cleared).toMatchObject({ reassignment: { changed: MANY } });
    const proxies = await admin.expectOk('GET', '/api/admin/proxy-list');
    expect(proxies.data).toEqual({ proxies: [] });
  });
});
