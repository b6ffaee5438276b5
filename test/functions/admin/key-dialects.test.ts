import { describe, expect, it } from '@jest/globals';
import { createStage, type Answered, type Stage } from './support/admin-stage.ts';
import type { Role } from '../../../layers/core/identity/store.ts';
import { keyScope } from '../../../layers/core/metering/measures.ts';
import { windowAt } from '../../../layers/core/metering/windows.ts';
import { aUsageEvent } from '../../support/usage-events.ts';

async function as(stage: Stage, role: Role, path: string, body?: unknown, method?: string): Promise<Answered> {
  return stage.call(path, { body, headers: await stage.as(role), ...(method ? { method } : {}) });
}

describe('/api/user/api-keys', () => {
  const path = '/api/user/api-keys';

  it('shows a key once, lists it, switches it, and deletes it by the id in the body', async () => {
    const stage = createStage();
    const made = await as(stage, 'user', path, { name: 'laptop' });
    const { key, id } = made.json.apiKey;
    expect(made.json.apiKey).toMatchObject({ name: 'laptop', is_active: true, created_at: '2026-03-01T12:00:00.000Z' });
    expect(key).toMatch(/^sk-sluice1-/);
    const { digest } = await stage.services.digestKey(key);
    expect(await stage.identity.findKeyByDigest(digest)).toMatchObject({ id, ownerId: 'usr_user' });

    const off = await as(stage, 'user', path, { keyId: id, is_active: false }, 'PATCH');
    expect(off.json.apiKey).toMatchObject({ id, is_active: false });
    expect((await as(stage, 'user', path, { keyId: id, is_active: true }, 'PUT')).json.apiKey.is_active).toBe(true);

    await stage.keyUses.noteUse(id, stage.now.ms);
    const list = await as(stage, 'user', path);
    expect(list.json.apiKeys).toEqual([
      {
        id,
        name: 'laptop',
        is_active: true,
        created_at: '2026-03-01T12:00:00.000Z',
        last_used_at: '2026-03-01T12:00:00.000Z',
        expires_at: null,
        preview: expect.any(String),
      },
    ]);
    expect(list.text).not.toContain(key);

    expect((await as(stage, 'user', path, { keyId: id }, 'DELETE')).json).toEqual({ success: true });
    expect((await as(stage, 'user', path, { keyId: id }, 'DELETE')).status).toBe(404);
  });

  it('gives a user ten keys and refuses the eleventh with 400, an administrator any number', async () => {
    const stage = createStage();
    for (let count = 1; count <= 11; count += 1) {
      const { status } = await as(stage, 'user', path, { name: `key ${count}` });
      expect(status).toBe(count <= 10 ? 201 : 400);
      expect((await as(stage, 'admin', path, { name: `key ${count}` })).status).toBe(201);
    }
    const refused = await as(stage, 'user', '/api/keys', { name: 'one more' });
    expect(refused.json).toMatchObject({ error_code: 'TOO_MANY_KEYS', error: expect.stringMatching(/at most 10/) });
    await stage.catalog.changeSettings({ roleLimits: { user: { keys: 11 } } });
    expect((await as(stage, 'user', path, { name: 'one more' })).status).toBe(201);
  });

  it('lets two keys have one name, and counts them', async () => {
    const stage = createStage();
    const made = await Promise.all(Array.from({ length: 20 }, () => as(stage, 'user', path, { name: 'same' })));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(made.filter(({ status }) => status === 400)).toHaveLength(10);
  });

  it("is nobody's way to somebody else's key", async () => {
    const stage = createStage();
    const { id } = (await as(stage, 'admin', path, { name: 'a' })).json.apiKey;
    expect((await as(stage, 'user', path, { keyId: id, is_active: false }, 'PATCH')).status).toBe(404);
    expect((await as(stage, 'user', path, { keyId: id }, 'DELETE')).status).toBe(404);
    expect((await as(stage, 'user', path)).json.apiKeys).toEqual([]);
  });
});

describe('/api/api-keys', () => {
  const path = '/api/api-keys';

  it('makes a key of a channel, and lists it bare with its first eight characters', async () => {
    const stage = createStage();
    await stage.vault.putUpstream({
      name: 'mine',
      format: 'openai-chat',
      vendor: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      createdAt: 0,
      updatedAt: 0,
    });
    const made = await as(stage, 'user', path, { name: 'ide', description: 'of the editor', config_type: 'openai' });
    const { key, warnings, ...shown } = made.json;
    expect(warnings).toEqual([]);
    expect(shown).toEqual({
      id: expect.any(String),
      user_id: 'usr_user',
      key_preview: key.slice(0, 8),
      name: 'ide',
      description: 'of the editor',
      config_type: 'openai',
      is_active: true,
      created_at: '2026-03-01T12:00:00.000Z',
      last_used_at: null,
      expires_at: null,
    });
    expect((await as(stage, 'user', path)).json).toEqual([shown]);
    const one = await as(stage, 'user', `${path}/${shown.id}`);
    expect(one.json).toEqual(shown);
    expect(one.text).not.toContain(key);
    const off = await as(stage, 'user', `${path}/${shown.id}/status`, { is_active: false }, 'PATCH');
    expect(off.json).toEqual({ ...shown, is_active: false });
    const gone = await as(stage, 'user', `${path}/${shown.id}`, undefined, 'DELETE');
    expect(gone.json).toMatchObject({ success: true, message: expect.any(String) });
    expect((await as(stage, 'user', `${path}/${shown.id}`)).status).toBe(404);
  });

  it('names a key that has no name, and says of a channel that nobody serves that it reaches nothing', async () => {
    const stage = createStage();
    const plain = await as(stage, 'user', path, {});
    expect(plain.json).toMatchObject({
      name: expect.stringMatching(/^key-/),
      config_type: 'antigravity',
      warnings: [],
    });
    const lost = await as(stage, 'user', path, { config_type: 'kiro' });
    expect(lost.json).toMatchObject({ config_type: 'kiro', warnings: [expect.stringMatching(/kiro/)] });
  });

  it('binds a key of its default channel to nothing, as clients send it that know no other', async () => {
    const stage = createStage();
    const { id } = (await as(stage, 'user', path, { config_type: 'antigravity' })).json;
    expect((await as(stage, 'user', `${path}/${id}`)).json.config_type).toBe('antigravity');
    expect((await as(stage, 'user', `/api/keys/${id}`)).json.data.channel).toBeNull();
  });
});

describe('/api/v1/admin/keys', () => {
  const path = '/api/v1/admin/keys';

  it('is for administrators', async () => {
    const stage = createStage();
    expect((await as(stage, 'user', path)).json).toMatchObject({ success: false, code: 'FORBIDDEN' });
  });

  it('takes limits per day, a chosen text once, and the id or the text to change and delete', async () => {
    const stage = createStage();
    const key = 'a-chosen-key-of-at-least-thirty-two-characters';
    const made = await as(stage, 'admin', path, { name: 'bot', key, limits: { chat_per_day: 5, image_per_day: 0 } });
    expect(made.status).toBe(200);
    expect(made.json.data).toMatchObject({
      key,
      name: 'bot',
      limits: { chat_per_day: 5, heavy_per_day: -1, image_per_day: 0, video_per_day: -1 },
      remaining_today: { chat: 5, heavy: null, image: 0, video: null },
    });
    expect((await as(stage, 'admin', path, { name: 'other', key })).json).toMatchObject({ code: 'KEY_EXISTS' });
    const { id, display_key: shown } = made.json.data;
    const limits = { chat_per_day: -1, video_per_day: 2 };
    expect((await as(stage, 'admin', `${path}/update`, { key, is_active: false, limits })).json).toEqual({
      success: true,
    });
    const list = await as(stage, 'admin', path);
    expect(list.json.data).toEqual([
      expect.objectContaining({
        key: id,
        owner: 'some-admin',
        display_key: shown,
        is_active: false,
        limits: { chat_per_day: -1, heavy_per_day: -1, image_per_day: 0, video_per_day: 2 },
      }),
    ]);
    expect(list.text).not.toContain(key);
    expect((await as(stage, 'admin', `${path}/delete`, { key: id })).json).toEqual({ success: true });
    const gone = await as(stage, 'admin', `${path}/delete`, { key: id });
    expect([gone.status, gone.json.code]).toEqual([404, 'NOT_FOUND']);
    expect((await as(stage, 'admin', `${path}/update`, {})).status).toBe(400);
  });

  it('tells what each key used today: by its counter where one is kept, else by the usage log', async () => {
    const stage = createStage();
    const limited = (await as(stage, 'user', '/api/keys', { name: 'limited', limits: { perDay: { chat: 3 } } })).json
      .data;
    const free = (await as(stage, 'admin', path, { name: 'free' })).json.data;
    const day = windowAt('day', stage.now.ms, { createdAt: 0, offsetMinutes: 0 }).name;
    const account = await stage.accounts.ensure('usr_user', 0);
    const counters = { [`chat#${keyScope(limited.id)}#${day}`]: 2 };
    stage.accounts.rows.set('usr_user', { ...account, counters });
    for (const at of [stage.now.ms - 1_000, stage.now.ms - 60_000, stage.now.ms - 13 * 3600_000]) {
      const event = aUsageEvent(at, { keyId: free.id, userId: 'usr_admin' });
      stage.usage.rows.set(event.requestId, event);
    }
    const rows = (await as(stage, 'admin', path)).json.data;
    const named = (name: string) => rows.find((row: { name: string }) => row.name === name);
    expect(named('limited')).toMatchObject({
      owner: 'some-user',
      usage_today: { chat_used: 2, heavy_used: 0, image_used: 0, video_used: 0 },
      remaining_today: { chat: 1, heavy: null, image: null, video: null },
    });
    expect(named('free')).toMatchObject({
      usage_today: { chat_used: 2 },
      remaining_today: { chat: null },
    });
  });
});
