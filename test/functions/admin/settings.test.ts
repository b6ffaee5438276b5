import { describe, expect, it } from '@jest/globals';
import { maskSettings, withoutMasks, withoutSecrets } from '../../../functions/admin/resources/settings.ts';
import { SECRET_MASK, type SettingsChange } from '../../../layers/contract/settings.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../layers/core/catalog/store.ts';
import { createStage, type Answered, type Stage } from './support/admin-stage.ts';

const PATH = '/api/admin/settings';
const OLD = '/api/v1/admin/config';

async function call(stage: Stage, path: string, body?: unknown, more: Record<string, string> = {}): Promise<Answered> {
  const method = body === undefined ? 'GET' : path === OLD ? 'POST' : 'PUT';
  return stage.call(path, { method, body, headers: { ...(await stage.as('super_admin')), ...more } });
}

describe('settings', () => {
  it('are shown flat and by group, each with its default and when a change is felt', async () => {
    const { json, headers } = await call(createStage(), PATH);
    expect(json.data).toEqual(DEFAULT_SETTINGS);
    const shown = json.groups.flatMap((group: { settings: { key: string }[] }) => group.settings);
    expect(shown.map(({ key }: { key: string }) => key).toSorted()).toEqual(Object.keys(DEFAULT_SETTINGS).toSorted());
    const days = shown.find(({ key }: { key: string }) => key === 'usageLogDays');
    expect(days).toMatchObject({ value: 90, default: 90, secret: false, effect: expect.stringMatching(/\.$/) });
    expect([json.version, headers['etag']]).toEqual([0, '"0"']);
  });

  it('name what is unknown and what does not fit, and change nothing then', async () => {
    const stage = createStage();
    const answer = await call(stage, PATH, { usageLogDays: 3, colour: 'blue', apiDocs: true });
    expect(answer.status).toBe(400);
    expect(answer.json.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual(['colour', 'usageLogDays']);
    expect(await stage.catalog.readSettings()).toEqual(DEFAULT_SETTINGS);
  });

  it('are not changed from a version that is no more: by field or by If-Match', async () => {
    const stage = createStage();
    const first = await call(stage, PATH, { usageLogDays: 30, version: 0 });
    expect(first.json).toMatchObject({ version: 1, data: { usageLogDays: 30 } });
    for (const [body, headers] of [
      [{ usageLogDays: 31, version: 0 }, {}],
      [{ usageLogDays: 31 }, { 'if-match': '"0"' }],
      [{ usageLogDays: 30, version: 0 }, {}],
    ] as const) {
      const answer = await call(stage, PATH, body, headers);
      expect([answer.status, answer.json.error_code]).toEqual([409, 'CONFLICT']);
    }
    expect((await call(stage, PATH, { usageLogDays: 31 }, { 'if-match': '"1"' })).json.version).toBe(2);
    expect((await call(stage, PATH, { usageLogDays: 31 })).json.version).toBe(2);
    expect((await call(stage, PATH, { usageLogDays: 31 }, { 'if-match': 'seven' })).status).toBe(400);
  });

  it('of two changes of one version at once, one is refused', async () => {
    const stage = createStage();
    const answers = await Promise.all([
      call(stage, PATH, { usageLogDays: 40, version: 0 }),
      call(stage, PATH, { auditDays: 40, version: 0 }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
});

describe('a setting that nobody may read', () => {
  const isSecret = (name: string): boolean => name === 'registration';
  const stored = { ...DEFAULT_SETTINGS, registration: 'a secret' } as unknown as Settings;

  it('is shown as set or not set, and left out of an export', () => {
    expect(maskSettings(stored, isSecret)).toEqual({ ...stored, registration: SECRET_MASK });
    const unset = { ...stored, registration: '' } as unknown as Settings;
    expect(maskSettings(unset, isSecret)).toEqual(unset);
    expect(withoutSecrets(stored, isSecret)).not.toHaveProperty('registration');
    expect(Object.keys(withoutSecrets(stored, isSecret))).toHaveLength(Object.keys(stored).length - 1);
  });

  it('stays as it is when what was shown is sent back, and takes what is new', () => {
    const sent = { registration: SECRET_MASK, usageLogDays: 30 } as unknown as SettingsChange;
    expect(withoutMasks(sent, isSecret)).toEqual({ usageLogDays: 30 });
    const another = { registration: 'another' } as unknown as SettingsChange;
    expect(withoutMasks(another, isSecret)).toEqual(another);
  });
});

describe('settings for older readers', () => {
  it('are shown by group, under the older names where there are such', async () => {
    const stage = createStage();
    await call(stage, PATH, { upstreamTimeouts: { chat: { firstByteMs: 90_000 } }, apiDocs: true });
    const { json } = await call(stage, OLD);
    expect(json).toMatchObject({ success: true, app: { apiDocs: true }, grok: { timeout: 90 } });
    expect(json.data.usage).toEqual(json.usage);
    expect((await call(stage, '/api/v1/admin/storage')).json).toEqual({
      success: true,
      type: 'dynamodb',
      data: { type: 'dynamodb' },
    });
  });

  it('are merged: ours by their names, older ones by theirs, what means nothing here is told', async () => {
    const stage = createStage();
    await call(stage, PATH, { upstreamTimeouts: { chat: { idleMs: 5_000 } } });
    const { json, status } = await call(stage, OLD, {
      usage: { usageLogDays: 30 },
      grok: { timeout: 60, temporary: true, max_retry: 3 },
      token: { auto_refresh: true },
    });
    expect(status).toBe(200);
    expect(json.warnings).toHaveLength(3);
    expect(json.warnings[0]).toMatch(/^grok\.temporary was left out: /);
    expect(await stage.catalog.readSettings()).toMatchObject({
      usageLogDays: 30,
      upstreamTimeouts: { chat: { idleMs: 5_000, firstByteMs: 60_000 } },
    });
    const shown = await call(stage, OLD);
    expect((await call(stage, OLD, shown.json.data)).json.warnings).toEqual([]);
  });

  it('name by group what is unknown or does not fit, and change nothing then', async () => {
    const stage = createStage();
    const body = {
      app: { colour: 1, apiDocs: true },
      usage: { usageLogDays: 1 },
      grok: { timeout: 'long' },
      relay: { apiDocs: false, browserOrigins: ['nonsense'] },
      nowhere: { a: 1 },
    };
    const { json, status } = await call(stage, OLD, body);
    expect(status).toBe(400);
    expect(json.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'app.colour',
      'grok.timeout',
      'nowhere.a',
      'relay.apiDocs',
      'relay.browserOrigins[0]',
      'usage.usageLogDays',
    ]);
    expect(json.code).toBe('INVALID_FIELD');
    expect(await stage.catalog.readSettings()).toEqual(DEFAULT_SETTINGS);
  });
});
