import { createCodeText, isCodeText, normaliseCode } from '../../../layers/core/plans/code-text.ts';
import { createCodes, type CodeTerms } from '../../../layers/core/plans/create-codes.ts';
import { givePlan } from '../../../layers/core/plans/give.ts';
import { redeemCode } from '../../../layers/core/plans/redeem.ts';
import type { RedemptionCodeStore } from '../../../layers/core/plans/store.ts';
import { createMemoryLedgerAccounts } from '../../support/memory-ledger-accounts.ts';
import { createMemoryPlanGrants, createMemoryRedemptionCodes } from '../../support/memory-plans.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY_MS = 86_400_000;
const TERMS: CodeTerms = {
  type: 'weekly',
  planName: 'weekly',
  tokens: 500,
  micros: null,
  description: '',
  createdAt: NOW,
  createdBy: 'usr_admin',
  createdByName: 'admin',
  expiresAt: NOW + DAY_MS,
};
const USER = { id: 'usr_1', username: 'ann' };
const OTHER = { id: 'usr_2', username: 'bob' };

async function setUp() {
  const accounts = createMemoryLedgerAccounts();
  const codes = createMemoryRedemptionCodes(accounts);
  const [code] = await createCodes(codes, { terms: TERMS, prefix: '', count: 1 });
  const text = code!.code;
  const deps = { codes, accounts, clock: () => NOW, offsetMinutes: 0 };
  return { accounts, codes, deps, text };
}

const LOST = new Error('The answer was lost');

/** Loses the answers of redemptions: before they are applied, or after. */
function losing(codes: RedemptionCodeStore, when: 'before' | 'after'): RedemptionCodeStore {
  return {
    ...codes,
    async redeem(write) {
      if (when === 'after') await codes.redeem(write);
      throw LOST;
    },
  };
}

describe('the text of a code', () => {
  it('has a hundred random bits of characters that nobody mistakes, after its prefix', () => {
    const texts = Array.from({ length: 200 }, () => createCodeText('SPRING'));
    for (const text of texts) expect(text).toMatch(/^SPRING(?:-[0-9A-HJKMNP-TV-Z]{5}){4}$/);
    expect(new Set(texts).size).toBe(200);
    const seen = new Set(texts.join('').replaceAll(/SPRING|-/g, ''));
    expect(seen.size).toBe(32);
    expect(createCodeText('')).toMatch(/^[^-]{5}(?:-[^-]{5}){3}$/);
  });

  it('is read however it was typed', () => {
    expect(normaliseCode('  spring-ab2de \n')).toBe('SPRING-AB2DE');
    expect([isCodeText('SPRING-AB2DE'), isCodeText(''), isCodeText('a b'), isCodeText('A'.repeat(65))]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('redemption', () => {
  it('refuses what is unknown, used by others, or over, and changes nothing', async () => {
    const { accounts, codes, deps, text } = await setUp();
    const redeem = (typed: string, user = USER) => redeemCode(deps, { text: typed, user, attempt: 'x' });
    expect(await redeem('NO-SUCH-CODE')).toEqual({ outcome: 'refused', reason: 'unknown' });
    expect(await redeem('')).toEqual({ outcome: 'refused', reason: 'unknown' });
    expect(await redeem(`${'A'.repeat(2_000)}`)).toEqual({ outcome: 'refused', reason: 'unknown' });
    const later = { ...deps, clock: () => NOW + DAY_MS };
    const late = await redeemCode(later, { text, user: USER, attempt: 'x' });
    expect(late).toEqual({ outcome: 'refused', reason: 'expired' });
    expect(accounts.rows.size).toBe(0);
    expect((await redeem(text)).outcome).toBe('redeemed');
    expect(await redeem(text, OTHER)).toEqual({ outcome: 'refused', reason: 'used' });
    expect(accounts.rows.get(OTHER.id)).toBeUndefined();
    expect(codes.rows.get(text)?.redemption?.userId).toBe(USER.id);
  });

  it('tells a user of their own earlier redemption what it brought, and a repeated call the same as before', async () => {
    const { accounts, deps, text } = await setUp();
    const first = await redeemCode(deps, { text, user: USER, attempt: 'one' });
    const again = await redeemCode(deps, { text, user: USER, attempt: 'one' });
    expect(again).toEqual(first);
    const another = await redeemCode(deps, { text, user: USER, attempt: 'two' });
    expect(another).toMatchObject({ outcome: 'refused', reason: 'yours', redemption: { attempt: 'one' } });
    expect(accounts.rows.get(USER.id)?.entitlement).toBe(1);
  });

  it('whose answer was lost is known by the code: redeemed', async () => {
    const { accounts, codes, deps, text } = await setUp();
    const result = await redeemCode({ ...deps, codes: losing(codes, 'after') }, { text, user: USER, attempt: 'one' });
    expect(result).toMatchObject({ outcome: 'redeemed', redemption: { attempt: 'one', plan: { tokens: 500 } } });
    expect(accounts.rows.get(USER.id)).toMatchObject({ entitlement: 1, plan: { tokens: 500 } });
  });

  it('whose answer was lost is known by the code: somebody else was quicker', async () => {
    const { codes, deps, text } = await setUp();
    const store: RedemptionCodeStore = {
      ...codes,
      async redeem() {
        await redeemCode(deps, { text, user: OTHER, attempt: 'other' });
        throw LOST;
      },
    };
    const result = await redeemCode({ ...deps, codes: store }, { text, user: USER, attempt: 'one' });
    expect(result).toEqual({ outcome: 'refused', reason: 'lost-race' });
  });

  it('whose answer was lost and of which nothing is seen is not known, and may be tried again', async () => {
    const { accounts, codes, deps, text } = await setUp();
    const losesIt = redeemCode({ ...deps, codes: losing(codes, 'before') }, { text, user: USER, attempt: 'one' });
    await expect(losesIt).rejects.toMatchObject({ code: 'store_unavailable', retryAfterSeconds: 1 });
    expect(accounts.rows.get(USER.id)?.entitlement).toBe(0);
    expect((await redeemCode(deps, { text, user: USER, attempt: 'two' })).outcome).toBe('redeemed');
  });

  it('computes anew with the plan that came meanwhile', async () => {
    const { accounts, codes, deps, text } = await setUp();
    const [other] = await createCodes(codes, { terms: TERMS, prefix: 'B', count: 1 });
    let isFirst = true;
    const store: RedemptionCodeStore = {
      ...codes,
      async redeem(write) {
        if (isFirst) {
          isFirst = false;
          await redeemCode(deps, { text: other!.code, user: USER, attempt: 'other' });
        }
        return codes.redeem(write);
      },
    };
    const result = await redeemCode({ ...deps, codes: store }, { text, user: USER, attempt: 'one' });
    expect(result).toMatchObject({ outcome: 'redeemed', redemption: { extended: true, plan: { tokens: 1_000 } } });
    const expected = { entitlement: 2, plan: { tokens: 1_000, expiresAt: NOW + 14 * DAY_MS } };
    expect(accounts.rows.get(USER.id)).toMatchObject(expected);
  });

  it('gives up where the plan never stands still', async () => {
    const { codes, deps, text } = await setUp();
    let rounds = 0;
    const store: RedemptionCodeStore = {
      ...codes,
      redeem: async () => {
        rounds += 1;
        return { outcome: 'entitlement-moved' };
      },
    };
    const never = redeemCode({ ...deps, codes: store }, { text, user: USER, attempt: 'one' });
    await expect(never).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(rounds).toBe(5);
  });
});

describe('making codes', () => {
  it('takes new texts where one is taken, and makes a hundred in two transactions', async () => {
    const { codes } = await setUp();
    const sizes: number[] = [];
    let refusals = 1;
    const store: RedemptionCodeStore = {
      ...codes,
      async create(made) {
        sizes.push(made.length);
        if (refusals === 0) return codes.create(made);
        refusals -= 1;
        return 'taken';
      },
    };
    const made = await createCodes(store, { terms: TERMS, prefix: 'P', count: 100 });
    expect(sizes).toEqual([50, 50, 50]);
    expect(new Set(made.map(({ code }) => code)).size).toBe(100);
    for (const { code } of made) expect(codes.rows.has(code)).toBe(true);
  });

  it('whose answer was lost is known by reading; where some are there, the message says how many', async () => {
    const { codes } = await setUp();
    const applied: RedemptionCodeStore = {
      ...codes,
      async create(made) {
        await codes.create(made);
        throw LOST;
      },
    };
    const made = await createCodes(applied, { terms: TERMS, prefix: 'P', count: 3 });
    expect(made.map(({ code }) => codes.rows.has(code))).toEqual([true, true, true]);
    let isFirst = true;
    const half: RedemptionCodeStore = {
      ...codes,
      async create(some) {
        if (!isFirst) throw LOST;
        isFirst = false;
        return codes.create(some);
      },
    };
    await expect(createCodes(half, { terms: TERMS, prefix: 'P', count: 80 })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('50 of 80'),
    });
  });
});

describe('giving a plan', () => {
  it('follows from the plan that is there at the write, and gives up where it never stands still', async () => {
    const { accounts, codes, deps, text } = await setUp();
    const planGrants = createMemoryPlanGrants(accounts);
    let rounds = 0;
    const account = await givePlan(
      {
        accounts,
        planGrants: {
          async replacePlan(...given) {
            rounds += 1;
            if (rounds === 1) await redeemCode({ ...deps, codes }, { text, user: USER, attempt: 'one' });
            return planGrants.replacePlan(...given);
          },
        },
      },
      { userId: USER.id, nowMs: NOW, next: ({ plan }) => plan && { ...plan, tokens: (plan.tokens ?? 0) + 1 } },
    );
    expect(rounds).toBe(2);
    expect(account).toMatchObject({ entitlement: 2, plan: { tokens: 501 } });
    const never = givePlan(
      { accounts, planGrants: { replacePlan: async () => 'entitlement-moved' } },
      { userId: USER.id, nowMs: NOW, next: () => null },
    );
    await expect(never).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
