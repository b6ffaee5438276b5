import { createSdkTableClient } from '../../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createLedgerAccountStore } from '../../../layers/aws/tables/ledger-account.ts';
import { createPlanGrantStore } from '../../../layers/aws/tables/plan-grants.ts';
import { createRedemptionCodeStore } from '../../../layers/aws/tables/redemption-codes.ts';
import type { LedgerAccountStore } from '../../../layers/core/metering/account-store.ts';
import { createCodes } from '../../../layers/core/plans/create-codes.ts';
import { redeemCode } from '../../../layers/core/plans/redeem.ts';
import type {
  CodeQuestion,
  PlanEntitlement,
  RedemptionCode,
  RedemptionCodeStore,
} from '../../../layers/core/plans/store.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';

let embedded: EmbeddedTables;
let client: TableClient;
let codes: RedemptionCodeStore;
let accounts: LedgerAccountStore;

beforeEach(async () => {
  embedded = await startEmbeddedTables();
  client = createSdkTableClient({ aws: embedded.aws });
  codes = createRedemptionCodeStore(client, embedded.tables);
  accounts = createLedgerAccountStore(client, embedded.tables.ledger);
});
afterEach(async () => {
  await client.close();
  await embedded.close();
});

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function aCode(code: string, change: Partial<RedemptionCode> = {}): RedemptionCode {
  return {
    code,
    type: 'monthly',
    planName: 'monthly',
    tokens: 1_000,
    micros: null,
    description: '',
    createdAt: NOW,
    createdBy: 'usr_admin',
    createdByName: 'admin',
    expiresAt: NOW + 30 * DAY_MS,
    redemption: null,
    ...change,
  };
}

const redeem = (text: string, userId: string, nowMs = NOW) =>
  redeemCode(
    { codes, accounts, clock: () => nowMs, offsetMinutes: 0 },
    { text, user: { id: userId, username: `name of ${userId}` }, attempt: `${text} ${userId} ${Math.random()}` },
  );

const question = (change: Partial<CodeQuestion> = {}): CodeQuestion => ({
  state: null,
  type: null,
  prefix: null,
  nowMs: NOW,
  limit: 100,
  cursor: null,
  ...change,
});

async function listed(change: Partial<CodeQuestion> = {}): Promise<string[]> {
  const { codes: found } = await codes.list(question(change));
  return found.map(({ code }) => code);
}

describe('redemption codes in their table', () => {
  it('are stored as they are, each text once: of a batch that meets an old code nothing is made', async () => {
    const code = aCode('ONE', { description: 'for a friend', micros: 2_500_000, expiresAt: null });
    expect(await codes.create([code])).toBe('created');
    expect(await codes.find('ONE')).toEqual(code);
    expect(await codes.create([aCode('TWO'), aCode('ONE')])).toBe('taken');
    expect(await codes.find('TWO')).toBeNull();
    expect(await codes.count({ type: null, nowMs: NOW })).toEqual({ total: 1, unused: 1, used: 0, expired: 0 });
  });

  it('are redeemed together with the account: of twenty at once, of one user and of many, one succeeds', async () => {
    await codes.create([aCode('SAME'), aCode('MANY')]);
    const ofOne = await Promise.all(Array.from({ length: 20 }, () => redeem('same', 'usr_1')));
    expect(ofOne.filter(({ outcome }) => outcome === 'redeemed')).toHaveLength(1);
    const account = await accounts.read('usr_1', { consistent: true });
    expect(account).toMatchObject({ entitlement: 1, plan: { type: 'monthly', tokens: 1_000 } });
    expect((await codes.find('SAME'))?.redemption).toMatchObject({ userId: 'usr_1', plan: account?.plan });

    const users = Array.from({ length: 20 }, (_none, index) => `usr_${index + 2}`);
    const ofMany = await Promise.all(users.map((user) => redeem('MANY', user)));
    expect(ofMany.filter(({ outcome }) => outcome === 'redeemed')).toHaveLength(1);
    const held = await Promise.all(users.map((user) => accounts.read(user, { consistent: true })));
    expect(held.map((one) => one?.entitlement ?? 0).reduce((sum, count) => sum + count)).toBe(1);
    const winner = (await codes.find('MANY'))?.redemption;
    expect(held.filter((one) => one?.plan?.id === winner?.plan.id).map((one) => one?.id)).toEqual([winner?.userId]);
    expect(await codes.count({ type: null, nowMs: NOW })).toEqual({ total: 2, unused: 0, used: 2, expired: 0 });
  });

  it('add up when several are redeemed at once: every extension is seen by the next', async () => {
    const names = Array.from({ length: 4 }, (_none, index) => `C${index}`);
    await codes.create(names.map((name) => aCode(name, { type: 'daily', tokens: 10 })));
    const results = await Promise.all(names.map((name) => redeem(name, 'usr_1')));
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(4).fill('redeemed'));
    const account = await accounts.read('usr_1', { consistent: true });
    expect(account).toMatchObject({ entitlement: 4, plan: { tokens: 40, expiresAt: NOW + 4 * DAY_MS } });
  });

  it('are not redeemed after their time, to the millisecond', async () => {
    await codes.create([aCode('LATE', { expiresAt: NOW }), aCode('LAST', { expiresAt: NOW + 1 })]);
    expect(await redeem('LATE', 'usr_1')).toEqual({ outcome: 'refused', reason: 'expired' });
    expect((await redeem('LAST', 'usr_1')).outcome).toBe('redeemed');
    const last = await codes.find('LAST');
    const write = { code: aCode('LATE'), redemption: last!.redemption!, entitlement: 1 };
    expect(await codes.redeem(write)).toMatchObject({ outcome: 'code-gone', code: { code: 'LATE', redemption: null } });
  });

  it('leave both sides alone when the plan was changed meanwhile', async () => {
    await codes.create([aCode('ONE'), aCode('TWO')]);
    await redeem('ONE', 'usr_1');
    const redemption = { ...(await codes.find('ONE'))!.redemption!, attempt: 'another' };
    const outcome = await codes.redeem({ code: aCode('TWO'), redemption, entitlement: 0 });
    expect(outcome).toEqual({ outcome: 'entitlement-moved' });
    expect(await codes.find('TWO')).toEqual(aCode('TWO'));
    expect(await codes.count({ type: null, nowMs: NOW })).toMatchObject({ used: 1, unused: 1 });
  });
});

describe('numbers of codes', () => {
  it('tell unused from expired by the clock, within the day and over days', async () => {
    const noon = Date.parse('2026-03-05T12:00:00Z');
    await codes.create([
      aCode('A', { expiresAt: noon }),
      aCode('B', { expiresAt: noon }),
      aCode('C', { expiresAt: noon + HOUR_MS, type: 'daily' }),
      aCode('D', { expiresAt: noon + DAY_MS, type: 'daily' }),
      aCode('E', { expiresAt: null }),
    ]);
    await redeem('B', 'usr_1');
    const at = (nowMs: number) => codes.count({ type: null, nowMs });
    expect(await at(noon - 1)).toEqual({ total: 5, used: 1, unused: 4, expired: 0 });
    expect(await at(noon)).toEqual({ total: 5, used: 1, unused: 3, expired: 1 });
    expect(await at(noon + HOUR_MS)).toEqual({ total: 5, used: 1, unused: 2, expired: 2 });
    expect(await at(noon + DAY_MS - 1)).toEqual({ total: 5, used: 1, unused: 2, expired: 2 });
    expect(await at(noon + DAY_MS)).toEqual({ total: 5, used: 1, unused: 1, expired: 3 });
    expect(await at(noon + 900 * DAY_MS)).toEqual({ total: 5, used: 1, unused: 1, expired: 3 });
    const daily = await codes.count({ type: 'daily', nowMs: noon + HOUR_MS });
    expect(daily).toEqual({ total: 2, used: 0, unused: 1, expired: 1 });
  });

  it('agree with the codes that are there after redemptions and deletions all at once', async () => {
    const { code: _code, redemption: _redemption, ...terms } = aCode('');
    const made = await createCodes(codes, { terms, prefix: 'MIX', count: 60 });
    expect(new Set(made.map(({ code }) => code)).size).toBe(60);
    await Promise.all(
      made.flatMap(({ code }, index) => [
        ...(index % 3 === 0 ? [] : [redeem(code, `usr_${index}`)]),
        ...(index % 2 === 0 ? [codes.delete(code)] : []),
      ]),
    );
    const left = (await codes.list(question())).codes;
    const used = left.filter(({ redemption }) => redemption !== null).length;
    expect(left.length).toBe(30);
    const counts = { total: left.length, used, unused: left.length - used, expired: 0 };
    expect(await codes.count({ type: null, nowMs: NOW })).toEqual(counts);
    expect(await codes.delete(made[0]!.code)).toBe(false);
    await Promise.all(left.map(({ code }) => codes.delete(code)));
    expect(await codes.count({ type: null, nowMs: NOW })).toEqual({ total: 0, used: 0, unused: 0, expired: 0 });
  });
});

describe('lists of codes', () => {
  it('begin with the newest, whatever their state and type, page by page', async () => {
    const types = ['daily', 'weekly', 'monthly'] as const;
    const names = Array.from({ length: 9 }, (_none, index) => `N${index}`);
    await codes.create(names.map((name, index) => aCode(name, { createdAt: NOW + index, type: types[index % 3]! })));
    for (const name of ['N2', 'N3', 'N7']) await redeem(name, `usr_of_${name}`);
    expect(await listed()).toEqual(names.toReversed());
    const pages: string[][] = [];
    let cursor: string | null = null;
    do {
      const page = await codes.list(question({ limit: 4, cursor }));
      pages.push(page.codes.map(({ code }) => code));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(pages).toEqual([['N8', 'N7', 'N6', 'N5'], ['N4', 'N3', 'N2', 'N1'], ['N0']]);
    expect(await listed({ state: 'used' })).toEqual(['N7', 'N3', 'N2']);
    expect(await listed({ state: 'unused', type: 'weekly' })).toEqual(['N4', 'N1']);
    await expect(codes.list(question({ cursor: 'bm90IGEgY3Vyc29y' }))).rejects.toMatchObject({ code: 'invalid_field' });
  });

  it('tell expired codes from unused ones, also where whole pages are left out', async () => {
    const names = Array.from({ length: 40 }, (_none, index) => `X${String(index).padStart(2, '0')}`);
    const ends = (index: number): number => (index === 3 ? NOW + DAY_MS : NOW - 1);
    await codes.create(names.map((name, index) => aCode(name, { createdAt: NOW + index, expiresAt: ends(index) })));
    expect(await listed({ state: 'unused', limit: 2 })).toEqual(['X03']);
    expect(await listed({ state: 'expired', limit: 2 })).toEqual(['X39', 'X38']);
    expect(await listed({ state: 'expired' })).toHaveLength(39);
  });

  it('of codes that begin alike are sorted by code', async () => {
    await codes.create(['TEAM-C', 'TEAM-A', 'TEA', 'OTHER', 'TEAM-B'].map((name) => aCode(name)));
    await redeem('TEAM-B', 'usr_1');
    expect(await listed({ prefix: 'TEAM' })).toEqual(['TEAM-A', 'TEAM-B', 'TEAM-C']);
    expect(await listed({ prefix: 'TEAM', state: 'unused' })).toEqual(['TEAM-A', 'TEAM-C']);
    const first = await codes.list(question({ prefix: 'TE', limit: 2 }));
    expect(first.codes.map(({ code }) => code)).toEqual(['TEA', 'TEAM-A']);
    expect(await listed({ prefix: 'TE', cursor: first.nextCursor })).toEqual(['TEAM-B', 'TEAM-C']);
    for (const prefix of ['OTHER', 'TEAM-B']) {
      await expect(codes.list(question({ prefix, cursor: first.nextCursor }))).rejects.toMatchObject({
        param: 'cursor',
      });
    }
  });
});

describe('a plan that is given by hand', () => {
  const PLAN: PlanEntitlement = {
    id: 'plan_1',
    name: 'gift',
    type: null,
    tokens: null,
    micros: 5_000_000,
    expiresAt: NOW + DAY_MS,
  };

  it('is written over the one that was seen, and over no other', async () => {
    const grants = createPlanGrantStore(client, embedded.tables.ledger);
    await accounts.ensure('usr_1', NOW / 1_000);
    expect(await grants.replacePlan('usr_1', { entitlement: 0, plan: PLAN })).toBe('replaced');
    expect(await accounts.read('usr_1', { consistent: true })).toMatchObject({ entitlement: 1, plan: PLAN });
    expect(await grants.replacePlan('usr_1', { entitlement: 0, plan: null })).toBe('entitlement-moved');
    expect(await grants.replacePlan('usr_1', { entitlement: 1, plan: null })).toBe('replaced');
    expect(await accounts.read('usr_1', { consistent: true })).toMatchObject({ entitlement: 2, plan: null });
    expect(await grants.replacePlan('usr_nobody', { entitlement: 0, plan: PLAN })).toBe('entitlement-moved');
  });
});
