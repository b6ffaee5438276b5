import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  aMachineSecret,
  aMachineValue,
  createVaultStage,
  SECRET,
  START,
  type VaultStage,
} from './support/vault-stage.ts';

let stage: VaultStage;
beforeEach(async () => {
  stage = await createVaultStage();
});

const WAYS = ['refresh', 'get-at'] as const;

describe('tokens for machines', () => {
  it.each(WAYS)('are told by %s under the names of the contract', async (way) => {
    const given = { id: 'crd_a', bizId: 'biz-1', email: 'a@example.com', tier: 'super' as const };
    await stage.add(given, { access: 'the-at', refresh: 'the-rt' });
    const { status, json, headers } = await stage.call(`/public-api/${way}`, { body: { biz_id: 'biz-1' } });
    expect([status, json]).toEqual([
      200,
      {
        success: true,
        msg: expect.any(String),
        data: {
          biz_id: 'biz-1',
          email: 'a@example.com',
          access_token: 'the-at',
          refresh_token: 'the-rt',
          type: 'super',
          user_name: 'name-of-crd_a',
        },
      },
    ]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': expect.stringContaining('json') });
  });

  it.each(WAYS)('are found by %s by the biz id, and only without one by the e-mail address', async (way) => {
    await stage.add({ id: 'crd_a', bizId: 'biz-1', email: 'same@example.com' }, { access: 'a' });
    await stage.add({ id: 'crd_b', bizId: 'biz-2', email: 'same@example.com' }, { access: 'b' });
    const ask = async (body: object) => {
      const { status, json } = await stage.call(`/public-api/${way}`, { body });
      return [status, json.data?.access_token];
    };
    expect(await ask({ biz_id: 'biz-2', email: 'same@example.com' })).toEqual([200, 'b']);
    expect(await ask({ email: 'same@example.com' })).toEqual([200, 'a']);
    expect(await ask({ biz_id: '', email: 'same@example.com' })).toEqual([200, 'a']);
    expect(await ask({ biz_id: null, email: ' same@example.com ' })).toEqual([200, 'a']);
    expect(await ask({ biz_id: 'biz-9', email: 'same@example.com' })).toEqual([404, undefined]);
    for (const email of ['same@example', 'ame@example.com', 'SAME@example.com', '%']) {
      expect(await ask({ email })).toEqual([404, undefined]);
    }
    expect(await ask({ biz_id: 'biz' })).toEqual([404, undefined]);
  });

  it.each(WAYS)('are refused by %s without a name, and for one that is no text', async (way) => {
    const status = async (body: unknown) => (await stage.call(`/public-api/${way}`, { method: 'POST', body })).status;
    expect(await status({})).toBe(400);
    expect(await status(undefined)).toBe(400);
    expect(await status({ biz_id: '', email: '  ' })).toBe(400);
    expect(await status({ biz_id: 7 })).toBe(400);
    expect(await status([])).toBe(400);
    expect(await status('{"biz_id":')).toBe(400);
    expect(await status({ biz_id: 'x'.repeat(70_000) })).toBe(413);
    const { json } = await stage.call(`/public-api/${way}`, { body: {} });
    expect(json).toEqual({ success: false, msg: expect.stringContaining('biz_id') });
  });

  it.each(WAYS)('are JSON to %s, whatever the type says', async (way) => {
    await stage.add({ id: 'crd_a', bizId: 'biz-1' }, { access: 'a' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await stage.call(`/public-api/${way}`, { body: { biz_id: 'biz-1' }, headers })).status).toBe(200);
  });

  it.each(WAYS)('are told by %s of a credential that is switched off, and of no other kind', async (way) => {
    await stage.add({ id: 'crd_a', bizId: 'off', enabled: false, disabledByOwner: true }, { access: 'a' });
    await stage.add({ id: 'crd_b', bizId: 'key', kind: 'api_key', email: 'both@example.com' });
    await stage.add({ id: 'crd_c', bizId: 'own', email: 'both@example.com' }, { access: 'c' });
    const ask = async (body: object) => (await stage.call(`/public-api/${way}`, { body })).json;
    expect((await ask({ biz_id: 'off' })).data.access_token).toBe('a');
    expect(await ask({ biz_id: 'key' })).toMatchObject({ success: false });
    expect((await ask({ email: 'both@example.com' })).data.access_token).toBe('c');
  });

  it('come from get-at as they are stored, empty or expired, without a refresh', async () => {
    const credential = await stage.add({ id: 'crd_a', bizId: 'biz-1' }, { refresh: 'r' });
    const ask = async () => (await stage.call('/public-api/get-at', { body: { biz_id: 'biz-1' } })).json.data;
    expect(await ask()).toMatchObject({ access_token: '', refresh_token: 'r', email: '' });
    await stage.setTokens(credential, { access: 'old', refresh: 'r' });
    const row = stage.tokens.rows.get('up\ncrd_a')!;
    stage.tokens.rows.set('up\ncrd_a', { ...row, accessExpiresAt: START - 1 });
    expect(await ask()).toMatchObject({ access_token: 'old' });
    expect(stage.causes).toEqual([]);
  });

  it('are refreshed now by refresh, which answers with what was saved', async () => {
    const credential = await stage.add({ id: 'crd_a', bizId: 'biz-1' }, { access: 'old', refresh: 'r1' });
    stage.refresh.run = async () => {
      await stage.setTokens(credential, { access: 'new', refresh: 'r2' });
      return { outcome: 'current', text: 'It was refreshed meanwhile.' };
    };
    const { json } = await stage.call('/public-api/refresh', { body: { biz_id: 'biz-1' } });
    expect(json.data).toMatchObject({ access_token: 'new', refresh_token: 'r2' });
    expect(stage.causes).toEqual([{ kind: 'manual', since: START, onceMore: false }]);
  });

  it('that are not refreshed are a 500 with the result in words, and none of the tokens', async () => {
    await stage.add({ id: 'crd_a', bizId: 'biz-1', email: 'a@example.com' }, { access: 'old', refresh: 'r1' });
    stage.refresh.run = async () => ({ outcome: 'invalid', text: 'The token endpoint answered 400: invalid_grant.' });
    const { status, json } = await stage.call('/public-api/refresh', { body: { biz_id: 'biz-1' } });
    expect([status, json]).toEqual([
      500,
      {
        success: false,
        msg: expect.stringContaining('invalid_grant'),
        data: {
          biz_id: 'biz-1',
          email: 'a@example.com',
          outcome: 'invalid',
          refresh_result: 'The token endpoint answered 400: invalid_grant.',
        },
      },
    ]);
  });

  it('stand in no line of the log, nor does the secret', async () => {
    await stage.add({ id: 'crd_a', bizId: 'biz-1' }, { access: 'the-at', refresh: 'the-rt' });
    for (const way of WAYS) await stage.call(`/public-api/${way}`, { body: { biz_id: 'biz-1' } });
    await stage.call('/public-api/get-at', { body: { biz_id: 'biz-1' }, secret: 'another-secret-of-somebody' });
    expect(stage.log.join('\n')).not.toMatch(/the-at|the-rt|machine-secret|another-secret/);
    expect(stage.log.map((line) => JSON.parse(line) as unknown)).toContainEqual({
      level: 'info',
      event: 'tokens_asked',
      machine: 'sync',
      way: 'get-at',
      outcome: 'found',
      upstream: 'up',
      credential_id: 'crd_a',
    });
  });
});

const PATHS = [
  ['GET', 'health'],
  ['POST', 'refresh'],
  ['POST', 'get-at'],
] as const;

describe('the machine secret', () => {
  it.each(PATHS)('opens %s %s; without it, or with another one, it is a 401', async (method, name) => {
    await stage.add({ id: 'crd_a', bizId: 'biz-1' }, { access: 'a' });
    const body = method === 'POST' ? { body: { biz_id: 'biz-1' } } : {};
    const ask = (secret: string | null) => stage.call(`/public-api/${name}`, { ...body, secret });
    expect(await ask(SECRET)).toMatchObject({ status: 200, json: { success: true, msg: expect.any(String) } });
    for (const secret of [null, '', 'wrong', `${SECRET} `, SECRET.slice(1), 'x'.repeat(5_000)]) {
      const { status, json } = await ask(secret);
      expect([status, json]).toEqual([401, { success: false, msg: expect.any(String) }]);
    }
    expect(stage.causes.length).toBe(name === 'refresh' ? 1 : 0);
  });

  const asks = async (secret: string): Promise<number> => (await stage.call('/public-api/health', { secret })).status;

  it('has two valid values while it is rotated, and the one before ends at its time', async () => {
    const rotatedOne = aMachineSecret('sync', 'the-new-value-0123456789', {
      revision: 2,
      previous: { ...aMachineValue(SECRET), validUntil: START + 60_000 },
    });
    stage.secrets.rows.set('sync', rotatedOne);
    expect([await asks('the-new-value-0123456789'), await asks(SECRET)]).toEqual([200, 200]);
    stage.now.ms = START + 59_999;
    expect(await asks(SECRET)).toBe(200);
    stage.now.ms = START + 60_000;
    expect([await asks('the-new-value-0123456789'), await asks(SECRET)]).toEqual([200, 401]);
  });

  it('that is switched off opens nothing, beside others that do', async () => {
    stage.secrets.rows.set('sync', aMachineSecret('sync', SECRET, { enabled: false }));
    stage.secrets.rows.set('other', aMachineSecret('other', 'another-0123456789'));
    expect([await asks(SECRET), await asks('another-0123456789')]).toEqual([401, 200]);
  });

  it('that was made a moment ago opens at once, and a flood of wrong ones is no flood of reads', async () => {
    expect(await asks(SECRET)).toBe(200);
    stage.secrets.rows.set('new', aMachineSecret('new', 'made-a-moment-ago-0123456789'));
    expect(await asks('made-a-moment-ago-0123456789')).toBe(200);
    const { lists } = stage.secrets;
    for (let count = 0; count < 100; count += 1) await asks(`wrong-${count}`);
    expect(stage.secrets.lists - lists).toBeLessThanOrEqual(5);
    stage.now.ms += 1_000;
    stage.secrets.rows.set('newer', aMachineSecret('newer', 'made-after-the-flood-0123456789'));
    expect(await asks('made-after-the-flood-0123456789')).toBe(200);
  });

  it('whose pepper is gone is wrong, and the others are not', async () => {
    const old = aMachineSecret('old', 'of-an-older-pepper-0123456789');
    stage.secrets.rows.set('old', { ...old, current: { ...old.current, pepperVersion: 'v0' } });
    expect([await asks('of-an-older-pepper-0123456789'), await asks(SECRET)]).toEqual([401, 200]);
  });

  it('is used so often a minute, by all its values together, then it is a 429 that says when to come again', async () => {
    stage.secrets.rows.set(
      'sync',
      aMachineSecret('sync', 'the-new-value-0123456789', {
        requestsPerMinute: 3,
        previous: { ...aMachineValue(SECRET), validUntil: START + 3_600_000 },
      }),
    );
    expect([await asks(SECRET), await asks('the-new-value-0123456789'), await asks(SECRET)]).toEqual([200, 200, 200]);
    const refused = await stage.call('/public-api/health');
    expect([refused.status, refused.json]).toEqual([429, { success: false, msg: expect.any(String) }]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    stage.now.ms += 60_000;
    expect(await asks(SECRET)).toBe(200);
  });

  it('without a limit is counted nowhere; with the limit 0 it is blocked', async () => {
    expect(await asks(SECRET)).toBe(200);
    expect(stage.throttles.asked).toEqual([]);
    stage.secrets.rows.set('none', aMachineSecret('none', 'blocked-0123456789', { requestsPerMinute: 0 }));
    stage.now.ms += 10_000;
    expect(await asks('blocked-0123456789')).toBe(429);
  });

  it('tells when each of its values was last presented, to five minutes', async () => {
    await asks(SECRET);
    stage.now.ms += 60_000;
    await asks(SECRET);
    expect([...stage.secrets.uses.values()]).toEqual([START]);
    stage.now.ms += 300_000;
    await asks(SECRET);
    expect([...stage.secrets.uses.values()]).toEqual([START + 360_000]);
  });

  it('is accepted although the note of its use cannot be written', async () => {
    stage.secrets.noteUse = () => Promise.reject(new Error('down'));
    expect(await asks(SECRET)).toBe(200);
  });
});
