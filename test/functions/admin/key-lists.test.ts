import { counterName, keyScope } from '../../../layers/core/metering/measures.ts';
import { windowAt } from '../../../layers/core/metering/windows.ts';
import type { Role } from '../../../layers/core/identity/store.ts';
import { createStage, type Answered, type Stage } from './support/admin-stage.ts';

async function as(stage: Stage, role: Role, path: string, body?: unknown): Promise<Answered> {
  return stage.call(path, { body, headers: await stage.as(role) });
}

async function namesOf(stage: Stage, path: string): Promise<string[]> {
  const { json } = await as(stage, 'admin', path);
  return json.data.keys.map((key: { name: string; owner: string }) => `${key.owner}/${key.name}`);
}

/** All names, page after page, none of which is longer than was asked for. */
async function walk(stage: Stage, path: string, limit: number): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { json } = await as(stage, 'admin', `${path}&limit=${limit}${more}`);
    expect(json.data.keys.length).toBeLessThanOrEqual(limit);
    names.push(...json.data.keys.map((key: { name: string; owner: string }) => `${key.owner}/${key.name}`));
    cursor = json.data.next_cursor;
  } while (cursor !== null);
  return names;
}

describe('lists of keys', () => {
  it('tell how far each limit that is set is used up', async () => {
    const stage = createStage();
    const limits = { tokensPerDay: 100, perDay: { chat: 10 }, budgetMicrosPerMonth: 5_000_000, maxConcurrent: -1 };
    const { id, owner_id: ownerId } = (await as(stage, 'user', '/api/keys', { name: 'a', limits })).json.data;
    const grid = { createdAt: 0, offsetMinutes: stage.services.timeZoneOffsetMinutes };
    const day = windowAt('day', stage.now.ms, grid);
    stage.accounts.rows.set(ownerId, {
      ...(await stage.accounts.ensure(ownerId, 0)),
      counters: { [counterName('t', keyScope(id), day.name)]: 40 },
    });
    const { json } = await as(stage, 'user', '/api/keys');
    const ends = new Date(day.endsAt).toISOString();
    expect(json.data.keys[0].owner).toBe('some-user');
    expect(json.data.keys[0].limits_used).toEqual([
      { measure: 'chat_per_day', limit: 10, used: 0, resets_at: ends },
      { measure: 'tokens_per_day', limit: 100, used: 40, resets_at: ends },
      { measure: 'budget_micros_per_month', limit: 5_000_000, used: 0, resets_at: '2026-04-01T00:00:00.000Z' },
    ]);
  });

  it("hold everybody's keys for administrators, in pages that neither lose nor repeat one", async () => {
    const stage = createStage();
    for (const role of ['user', 'admin', 'super_admin'] as const) {
      for (const name of ['a', 'b', 'c']) await as(stage, role, '/api/keys', { name });
    }
    const all = await namesOf(stage, '/api/keys?scope=all');
    expect(all.toSorted()).toEqual(
      ['some-admin', 'some-super_admin', 'some-user'].flatMap((owner) =>
        ['a', 'b', 'c'].map((name) => `${owner}/${name}`),
      ),
    );
    for (const limit of [1, 2, 4]) expect(await walk(stage, '/api/keys?scope=all', limit)).toEqual(all);
    expect((await as(stage, 'user', '/api/keys?scope=all')).status).toBe(403);
    expect((await as(stage, 'admin', '/api/keys?scope=all&cursor=nonsense')).status).toBe(400);
  });

  it('neither lose nor repeat one when they are narrowed and cut in the middle of what was read', async () => {
    const stage = createStage();
    for (const role of ['user', 'admin'] as const) {
      for (let index = 0; index < 7; index += 1) {
        await as(stage, role, '/api/keys', { name: `${index % 3 === 0 ? 'other' : 'sought'} ${index}` });
      }
    }
    for (const path of ['/api/keys?search=sought', '/api/keys?scope=all&search=sought']) {
      const all = await namesOf(stage, path);
      expect(all).toHaveLength(path.includes('scope') ? 8 : 4);
      for (const limit of [1, 2, 3]) expect(await walk(stage, path, limit)).toEqual(all);
    }
  });

  it('are narrowed by a part of the name or description, and by state', async () => {
    const stage = createStage();
    await as(stage, 'user', '/api/keys', { name: 'Laptop' });
    await as(stage, 'user', '/api/keys', { name: 'ci', description: 'not the laptop' });
    await as(stage, 'admin', '/api/keys', { name: 'old', expires_at: '2026-03-01T12:00:01Z' });
    stage.now.ms += 1_000;
    expect((await namesOf(stage, '/api/keys?owner=some-user&search=LAPTOP')).toSorted()).toEqual([
      'some-user/Laptop',
      'some-user/ci',
    ]);
    expect(await namesOf(stage, '/api/keys?scope=all&search=lap&status=active')).toHaveLength(2);
    expect(await namesOf(stage, '/api/keys?scope=all&status=expired')).toEqual(['some-admin/old']);
    expect(await namesOf(stage, '/api/keys?status=disabled')).toEqual([]);
  });
});
