import { beforeEach, describe, expect, it } from '@jest/globals';
import { createStage, type Json, type Stage } from './support/admin-stage.ts';

const PATH = '/api/admin/machine-secrets';
const CHOSEN = 'a-chosen-secret-of-thirty-two-characters-or-more';
const DAY_MS = 86_400_000;

let stage: Stage;
let headers: Record<string, string>;
beforeEach(async () => {
  stage = createStage();
  headers = await stage.as('super_admin');
});

const make = async (body: object): Promise<Json> => {
  const { status, json } = await stage.call(PATH, { headers, body });
  if (status !== 201) throw new Error(JSON.stringify(json));
  return json.data;
};
const list = async (): Promise<Json> => (await stage.call(PATH, { headers })).json.data;

describe('machine secrets', () => {
  it('are shown once, and kept as a digest only', async () => {
    const made = await make({ name: 'sync' });
    expect(made).toMatchObject({
      name: 'sync',
      secret: expect.stringMatching(/^sk-machine-[\w-]{43}$/),
      enabled: true,
      requestsPerMinute: 600,
      previous: null,
      lastUsedAt: null,
    });
    const everything = [
      JSON.stringify([...stage.machineSecrets.rows.values()]),
      JSON.stringify(await list()),
      JSON.stringify((await stage.call(`${PATH}/sync`, { headers })).json),
      stage.log.join('\n'),
      JSON.stringify([...stage.auditStore.rows.values()]),
    ];
    for (const text of everything) expect(text).not.toContain(made.secret);
  });

  it('are rotated with two valid at once, for as long as asked, and the one before can be ended', async () => {
    const { secret: first } = await make({ name: 'sync' });
    const rotate = async (body: object) => (await stage.call(`${PATH}/sync/rotate`, { headers, body })).json.data;
    const second = await rotate({});
    expect(second.secret).not.toBe(first);
    expect(second.previous).toMatchObject({ validUntil: new Date(stage.now.ms + DAY_MS).toISOString() });
    const third = await rotate({ previousValidForSeconds: 60 });
    expect(third.previous).toMatchObject({ validUntil: new Date(stage.now.ms + 60_000).toISOString() });
    const ended = await stage.call(`${PATH}/sync/previous`, { method: 'DELETE', headers });
    expect(ended.json.data.previous).toBeNull();
    await rotate({});
    stage.now.ms += DAY_MS;
    headers = await stage.as('super_admin');
    expect((await list())[0].previous).toBeNull();
    expect((await rotate({ previousValidForSeconds: 0 })).previous).toBeNull();
  });

  it('are switched off, limited and deleted', async () => {
    await make({ name: 'sync', requestsPerMinute: -1 });
    const change = async (body: object) => stage.call(`${PATH}/sync`, { method: 'PATCH', headers, body });
    expect((await change({ enabled: false })).json.data).toMatchObject({ enabled: false, requestsPerMinute: -1 });
    expect((await change({ requestsPerMinute: 5 })).json.data).toMatchObject({ enabled: false, requestsPerMinute: 5 });
    expect((await change({ requestsPerMinute: -2 })).status).toBe(400);
    expect((await stage.call(`${PATH}/sync`, { method: 'DELETE', headers })).status).toBe(200);
    expect(await list()).toEqual([]);
    for (const method of ['GET', 'DELETE']) {
      expect((await stage.call(`${PATH}/sync`, { method, headers })).status).toBe(404);
    }
  });

  it('have a name and a value that no other has, and a chosen one is long', async () => {
    await make({ name: 'a', secret: CHOSEN });
    const status = async (body: object) => (await stage.call(PATH, { headers, body })).status;
    expect(await status({ name: 'a' })).toBe(409);
    expect(await status({ name: 'b', secret: CHOSEN })).toBe(400);
    expect(await status({ name: 'b', secret: 'too-short' })).toBe(400);
    expect(await status({ secret: `${CHOSEN}-2` })).toBe(400);
  });

  it('are the business of super administrators only', async () => {
    for (const role of ['user', 'admin'] as const) {
      const { status } = await stage.call(PATH, { headers: await stage.as(role), body: { name: 'x' } });
      expect(status).toBe(403);
    }
  });

  it('tell when they were last used', async () => {
    await make({ name: 'sync' });
    const { current } = stage.machineSecrets.rows.get('sync')!;
    await stage.machineSecrets.noteUse(current.digest, stage.now.ms);
    expect((await list())[0].lastUsedAt).toBe(new Date(stage.now.ms).toISOString());
  });
});

describe('machine secrets of a configuration document', () => {
  const document = (secret: string, more: object = {}) => ({
    version: 1,
    machineSecrets: [{ name: 'sync', secret, ...more }],
  });
  const importIt = async (body: object) => stage.call('/api/admin/import', { headers, body });

  it('come in once; another value takes their place, which stays valid for a day', async () => {
    expect((await importIt(document(CHOSEN))).json.data.created).toEqual(['machineSecrets/sync']);
    expect((await importIt(document(CHOSEN))).json.data.unchanged).toEqual(['machineSecrets/sync']);
    const other = `${CHOSEN}-2`;
    expect((await importIt(document(other))).json.data.updated).toEqual(['machineSecrets/sync']);
    expect((await list())[0].previous).toMatchObject({ validUntil: new Date(stage.now.ms + DAY_MS).toISOString() });
    // The old document does not bring the old value back.
    expect((await importIt(document(CHOSEN))).json.data.unchanged).toEqual(['machineSecrets/sync']);
    expect((await importIt(document(other, { requestsPerMinute: 7 }))).json.data.updated).toEqual([
      'machineSecrets/sync',
    ]);
    expect((await list())[0]).toMatchObject({ requestsPerMinute: 7, previous: expect.anything() });
  });

  it('are exported without their values, and the export changes nothing here', async () => {
    await importIt(document(CHOSEN, { requestsPerMinute: 9 }));
    const exported = await stage.call('/api/admin/export', { headers });
    expect(exported.json.machineSecrets).toEqual([{ name: 'sync', enabled: true, requestsPerMinute: 9 }]);
    expect(exported.text).not.toContain(CHOSEN);
    const again = await importIt(exported.json);
    expect(again.json.data).toMatchObject({ created: [], updated: [] });
  });

  it('are refused by the path of what is wrong, and nothing is written then', async () => {
    const pathsOf = async (machineSecrets: object[]) => {
      const { status, json } = await importIt({ version: 1, machineSecrets });
      return [status, json.errors?.map(({ path }: { path: string }) => path)];
    };
    expect(await pathsOf([{ name: 'new' }])).toEqual([400, ['machineSecrets[0].secret']]);
    expect(await pathsOf([{ name: 'new', secret: 'short' }])).toEqual([400, ['machineSecrets[0].secret']]);
    expect(
      await pathsOf([
        { name: 'a', secret: CHOSEN },
        { name: 'b', secret: CHOSEN },
        { name: 'a', secret: `${CHOSEN}-2` },
      ]),
    ).toEqual([400, ['machineSecrets[1].secret', 'machineSecrets[2].name']]);
    expect(stage.machineSecrets.rows.size).toBe(0);
  });
});
