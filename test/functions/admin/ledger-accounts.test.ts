import { decodeHold, encodeHold } from '../../../layers/core/metering/hold-text.ts';
import { createRequestId } from '../../../layers/kit/ids/request-id.ts';
import { createStage } from './support/admin-stage.ts';

const HOLD = encodeHold({
  accountMeasures: ['r', 'T'],
  keyScope: 'k:abcdefgh',
  keyMeasures: ['m'],
  amounts: { softTokens: 1_200, hardTokens: 0, micros: 77, units: 0 },
  offsetMinutes: 0,
  planId: null,
});

describe('a ledger account as administrators see it', () => {
  it('shows counters, open holds in words, and what binds with what is used of it', async () => {
    const stage = createStage();
    const admin = await stage.as('admin');
    await stage.as('user');
    const createdAt = Math.floor(stage.now.ms / 1_000);
    await stage.accounts.ensure('usr_user', createdAt);
    const requestId = createRequestId(stage.now.ms);
    const req = `req#u#m${createdAt.toString(36)}`;
    const counters = [{ name: req, amount: 1, room: 59 }];
    const write = { accountId: 'usr_user', requestId, hold: HOLD, entitlement: 0, counters, mostHolds: 9 };
    await stage.accounts.admit(write);

    const { status, json } = await stage.call('/api/admin/ledger-accounts/usr_user', { headers: admin });
    expect(status).toBe(200);
    expect(json.data).toMatchObject({ id: 'usr_user', createdAt, entitlement: 0, plan: null, counters: { [req]: 1 } });
    const startedAt = new Date(stage.now.ms).toISOString();
    expect(json.data.holds).toEqual({
      [requestId]: { ...decodeHold(HOLD).amounts, startedAt, key: 'abcdefgh', plan: null },
    });
    expect(json.data.limits).toContainEqual(
      expect.objectContaining({ owner: 'user', label: 'requests per minute', counter: req, limit: 60, used: 1 }),
    );
  });

  it('is empty for a user who has used nothing yet, and not there for nobody', async () => {
    const stage = createStage();
    const admin = await stage.as('admin');
    await stage.as('user');
    const fresh = await stage.call('/api/admin/ledger-accounts/usr_user', { headers: admin });
    expect(fresh.json.data).toMatchObject({ createdAt: null, counters: {}, holds: {} });
    const nobody = await stage.call('/api/admin/ledger-accounts/usr_nobody', { headers: admin });
    expect(nobody.status).toBe(404);
  });

  it('is none of a user’s business', async () => {
    const stage = createStage();
    const { status } = await stage.call('/api/admin/ledger-accounts/usr_user', { headers: await stage.as('user') });
    expect(status).toBe(403);
  });
});
