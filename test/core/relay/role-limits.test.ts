import { afterEach, describe, expect, it } from '@jest/globals';
import { chatBody, jsonOf } from '../../support/fake-upstream.ts';
import { aKey, aUser, call, CHAT, closedEvent, startRig, until, type Rig, type RigOptions } from './rig.ts';

let rig: Rig;
afterEach(() => rig.close());

async function start(options: RigOptions): Promise<void> {
  rig = await startRig(options);
  rig.upstream.answer(jsonOf(chatBody('Hello')));
}

const limitsToUser = (limits: object): RigOptions => ({ settings: { roleLimits: { user: limits } } });

describe('what a role may use', () => {
  it('is what the settings say, for all keys of a user together', async () => {
    const keys = [aKey(), aKey({ id: 'key_2', secret: 'sk-another-of-the-test-0123456789abcdef' })];
    await start({ ...limitsToUser({ requestsPerMinute: 2, tokensPer24Hours: 5_000 }), keys });
    const first = await call(rig);
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit-requests': '2', 'x-ratelimit-limit-tokens': '5000' });
    const other = { authorization: 'Bearer sk-another-of-the-test-0123456789abcdef' };
    expect((await call(rig, { headers: other })).status).toBe(200);
    expect((await call(rig, { headers: other })).status).toBe(429);
    expect((await call(rig)).status).toBe(429);
  });

  it('may be money, which caps an answer and is settled to the cent', async () => {
    await start(limitsToUser({ budgetMicrosPerMonth: 2_000, tokensPer24Hours: -1 }));
    const { status, headers } = await call(rig, { body: { ...CHAT, max_tokens: 100_000 } });
    expect([status, headers['x-sluice-warnings']]).toEqual([200, expect.stringMatching(/capped/)]);
    const { costMicros } = await closedEvent(rig);
    const spent = (): number | undefined =>
      Object.entries(rig.accounts.rows.get('usr_1')?.counters ?? {}).find(([name]) => name.startsWith('usd#u#'))?.[1];
    await until(() => spent() === costMicros);
    await rig.close();
    await start(limitsToUser({ budgetMicrosPerMonth: 5 }));
    const refused = await call(rig);
    expect([refused.status, refused.json.error.code]).toEqual([429, 'insufficient_quota']);
  });

  it('may be requests at once, which come back with their ends', async () => {
    await start(limitsToUser({ maxConcurrent: 1 }));
    for (let count = 0; count < 3; count += 1) {
      expect((await call(rig)).status).toBe(200);
      await until(() => rig.accounts.rows.get('usr_1')?.counters['fly#u'] === 0);
    }
  });

  it('grows with the trust level, is another for one user, and binds administrators where it is set', async () => {
    const settings = { roleLimits: { user: { requestsPerMinute: 10 } }, trustFactors: [1, 3] };
    await start({ settings, users: [aUser({ trustLevel: 4 })] });
    expect((await call(rig)).headers['x-ratelimit-limit-requests']).toBe('30');
    await rig.close();
    await start({ settings, users: [aUser({ trustLevel: 4, limits: { requestsPerMinute: 7 } })] });
    expect((await call(rig)).headers['x-ratelimit-limit-requests']).toBe('7');
    await rig.close();
    await start({ settings: { roleLimits: { admin: { requestsPerMinute: 5 } } }, users: [aUser({ role: 'admin' })] });
    expect((await call(rig)).headers['x-ratelimit-limit-requests']).toBe('5');
  });

  it('of 0 blocks, and says so', async () => {
    await start(limitsToUser({ requestsPerMinute: 0 }));
    const refused = await call(rig);
    expect(refused.status).toBe(429);
    expect(refused.json.error.message).toMatch(/blocked/);
    expect(refused.headers['retry-after']).toBeUndefined();
  });
});
