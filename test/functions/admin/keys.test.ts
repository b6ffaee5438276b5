import { createStage, type Answered, type Stage } from './support/admin-stage.ts';
import type { Role } from '../../../layers/core/identity/store.ts';

async function as(stage: Stage, role: Role, path: string, body?: unknown, method?: string): Promise<Answered> {
  return stage.call(path, { body, headers: await stage.as(role), ...(method ? { method } : {}) });
}

describe('keys', () => {
  it('are shown once, when they are made', async () => {
    const stage = createStage();
    const made = await as(stage, 'user', '/api/keys', { name: 'laptop' });
    expect(made.status).toBe(201);
    const { key, id, preview } = made.json.data;
    expect(key).toMatch(/^sk-sluice1-[\dA-Za-z]{46}$/);
    const list = await as(stage, 'user', '/api/keys');
    const one = await as(stage, 'user', `/api/keys/${id}`);
    expect(list.json.data.keys).toEqual([one.json.data]);
    expect(one.json.data).toMatchObject({ name: 'laptop', preview, is_active: true, models: ['*'], expires_at: null });
    expect(list.text + one.text).not.toContain(key);
    expect(JSON.stringify([...stage.identity.rows.keys])).not.toContain(key);
  });

  it('are found by the digest that the relay looks up', async () => {
    const stage = createStage();
    const { json } = await as(stage, 'user', '/api/keys', { name: 'laptop' });
    const { digest } = await stage.services.digestKey(json.data.key);
    expect(await stage.identity.findKeyByDigest(digest)).toMatchObject({ id: json.data.id, ownerId: 'usr_user' });
  });

  it('take limits in both spellings', async () => {
    const limits = { requests_per_minute: 10, tokensPerDay: 100, perDay: { image: 0 } };
    const { json } = await as(createStage(), 'user', '/api/keys', { name: 'limited', limits });
    expect(json.data.limits).toEqual({
      requestsPerMinute: 10,
      requests_per_minute: 10,
      tokensPerDay: 100,
      tokens_per_day: 100,
      perDay: { image: 0 },
    });
    expect(json.data.warnings).toEqual([]);
  });

  it('can be renamed, disabled, limited to models and dated; absent fields stay', async () => {
    const stage = createStage();
    const { id } = (await as(stage, 'user', '/api/keys', { name: 'a', models: ['m'] })).json.data;
    const change = { name: 'b', is_active: false, expires_at: '2027-01-01T00:00:00+02:00' };
    const { json } = await as(stage, 'user', `/api/keys/${id}`, change, 'PATCH');
    expect(json.data).toMatchObject({
      name: 'b',
      is_active: false,
      models: ['m'],
      expires_at: '2026-12-31T22:00:00.000Z',
    });
    const kept = await as(stage, 'user', `/api/keys/${id}`, { expires_at: null }, 'PATCH');
    expect(kept.json.data).toMatchObject({ name: 'b', is_active: false, expires_at: null });
  });

  it('are gone when deleted', async () => {
    const stage = createStage();
    const { id } = (await as(stage, 'user', '/api/keys', { name: 'a' })).json.data;
    expect((await as(stage, 'user', `/api/keys/${id}`, undefined, 'DELETE')).status).toBe(200);
    expect((await as(stage, 'user', `/api/keys/${id}`, undefined, 'DELETE')).status).toBe(404);
    expect(stage.identity.rows.keys.size).toBe(0);
  });

  it('of somebody else look like no keys', async () => {
    const stage = createStage();
    const { id } = (await as(stage, 'admin', '/api/keys', { name: 'a' })).json.data;
    const tries = [
      await as(stage, 'user', `/api/keys/${id}`),
      await as(stage, 'user', `/api/keys/${id}`, { name: 'mine' }, 'PATCH'),
      await as(stage, 'user', `/api/keys/${id}`, undefined, 'DELETE'),
      await as(stage, 'user', '/api/keys/key_unknown'),
    ];
    expect(tries.map(({ status, json }) => [status, json.error])).toEqual(
      tries.map(() => [404, 'There is no key of this id.']),
    );
    expect((await as(stage, 'user', '/api/keys?owner=some-admin')).status).toBe(403);
  });

  it('of anybody are open to administrators', async () => {
    const stage = createStage();
    const { id } = (await as(stage, 'user', '/api/keys', { name: 'a' })).json.data;
    const list = await as(stage, 'admin', '/api/keys?owner=some-user');
    expect(list.json.data.keys[0].id).toBe(id);
    const made = await as(stage, 'admin', '/api/keys?owner=some-user', { name: 'b' });
    expect(made.json.data.owner_id).toBe('usr_user');
    expect((await as(stage, 'admin', `/api/keys/${id}`, undefined, 'DELETE')).status).toBe(200);
    expect((await as(stage, 'admin', '/api/keys?owner=nobody')).status).toBe(404);
  });

  it('are made in the name of an administrator by a super administrator only', async () => {
    const stage = createStage();
    await Promise.all([stage.as('super_admin'), stage.as('admin')]);
    const make = async (role: 'admin' | 'super_admin', owner: string) =>
      (await as(stage, role, `/api/keys?owner=${owner}`, { name: `of-${role}` })).status;
    expect(await make('admin', 'some-super_admin')).toBe(403);
    expect(await make('admin', 'some-admin')).toBe(201);
    expect(await make('super_admin', 'some-admin')).toBe(201);
  });

  it('have names of their own', async () => {
    const stage = createStage();
    await as(stage, 'user', '/api/keys', { name: 'a' });
    const { id } = (await as(stage, 'user', '/api/keys', { name: 'b' })).json.data;
    expect((await as(stage, 'user', '/api/keys', { name: 'a' })).status).toBe(409);
    expect((await as(stage, 'user', `/api/keys/${id}`, { name: 'a' }, 'PATCH')).status).toBe(409);
    expect((await as(stage, 'admin', '/api/keys', { name: 'a' })).status).toBe(201);
  });

  it('may be chosen by administrators, if long enough and nobody has it', async () => {
    const stage = createStage();
    const key = 'a-chosen-key-of-at-least-thirty-two-characters';
    expect((await as(stage, 'user', '/api/keys', { name: 'a', key })).status).toBe(403);
    expect((await as(stage, 'admin', '/api/keys', { name: 'a', key })).json.data.key).toBe(key);
    expect((await as(stage, 'admin', '/api/keys', { name: 'b', key })).status).toBe(409);
    expect((await as(stage, 'admin', '/api/keys', { name: 'b', key: 'short' })).status).toBe(400);
    const typo = await as(stage, 'admin', '/api/keys', { name: 'b', key: `sk-sluice1-${'x'.repeat(46)}` });
    expect(typo.json.errors[0].path).toBe('key');
  });

  it('are listed page by page', async () => {
    const stage = createStage();
    for (const name of ['a', 'b', 'c']) await as(stage, 'user', '/api/keys', { name });
    const first = (await as(stage, 'user', '/api/keys?limit=2')).json.data;
    const second = (await as(stage, 'user', `/api/keys?limit=2&cursor=${encodeURIComponent(first.next_cursor)}`)).json
      .data;
    expect([first.keys.length, second.keys.length, second.next_cursor]).toEqual([2, 1, null]);
  });

  it('are bound to addresses and channels and carry notes, and what is left out stays', async () => {
    const stage = createStage();
    const rules = {
      allowed_ips: ['192.0.2.7', '10.0.0.0/8', '2001:db8::/32'],
      channel: 'Anthropic',
      description: 'of the editor',
      metadata: { team: 'a', seats: 3, trial: true, end: null },
    };
    const { id, ...made } = (await as(stage, 'user', '/api/keys', { name: 'a', ...rules })).json.data;
    expect(made).toMatchObject({ ...rules, status: 'active', warnings: [expect.stringMatching(/no upstream/i)] });
    const renamed = await as(stage, 'user', `/api/keys/${id}`, { name: 'b', is_active: false }, 'PATCH');
    expect(renamed.json.data).toMatchObject({ ...rules, name: 'b', status: 'disabled' });
    const freed = { allowed_ips: [], channel: 'any', description: null, metadata: null };
    const open = await as(stage, 'user', `/api/keys/${id}`, freed, 'PATCH');
    expect(open.json.data).toMatchObject({ ...freed, channel: null });
    expect(open.json.warnings).toEqual([]);
  });

  it.each([
    ['allowed_ips', { allowed_ips: ['192.0.2.7', 'example.com'] }, 'allowed_ips[1]'],
    ['a network that is none', { allowed_ips: ['10.0.0.0/33'] }, 'allowed_ips[0]'],
    ['a channel that is no word', { channel: 'a b' }, 'channel'],
    ['nested notes', { metadata: { a: { b: 1 } } }, 'metadata.a'],
  ])('are refused with the field that is wrong: %s', async (_title, rules, path) => {
    const { status, json } = await as(createStage(), 'user', '/api/keys', { name: 'a', ...rules });
    expect([status, json.errors.map((issue: { path: string }) => issue.path)]).toEqual([400, [path]]);
  });

  it('say when they were last used and that they expired', async () => {
    const stage = createStage();
    const expires = new Date(stage.now.ms + 1_000).toISOString();
    const { id } = (await as(stage, 'user', '/api/keys', { name: 'a', expires_at: expires })).json.data;
    await stage.keyUses.noteUse(id, stage.now.ms);
    stage.now.ms += 1_000;
    const { json } = await as(stage, 'user', '/api/keys');
    expect(json.keys).toEqual(json.data.keys);
    expect(json.data.keys).toEqual([
      expect.objectContaining({ id, status: 'expired', last_used_at: '2026-03-01T12:00:00.000Z' }),
    ]);
  });
});
