import { describe, expect, test } from '@jest/globals';
import { standingOf } from '../../../../admin-web/src/features/sharing/account-state.ts';
import { endOfDay, readDay, startOfDay } from '../../../../admin-web/src/features/sharing/days.ts';
import { limitsOf } from '../../../../admin-web/src/features/sharing/limits.ts';
import { readAccountsSearch, readQuotaSearch } from '../../../../admin-web/src/features/sharing/sharing-search.ts';

describe('days of the reader', () => {
  test('are read where they exist, and nothing else is', () => {
    expect(['2026-02-28', '2026-02-30', '2026-2-1', '', 20_260_228, null].map(readDay)).toEqual([
      '2026-02-28',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('end where the next one begins, also over the end of a month', () => {
    expect(endOfDay('2026-02-28')).toBe(startOfDay('2026-03-01'));
  });
});

test('an address that says nothing known opens nothing', () => {
  expect(readAccountsSearch({ account: '', add: 'magic' })).toEqual({});
  expect(readAccountsSearch({ account: 'crd_1', add: 'sign-in' })).toEqual({ account: 'crd_1', add: 'sign-in' });
  expect(readQuotaSearch({ from: 'yesterday', to: '2026-03-01' })).toEqual({ to: '2026-03-01' });
});

test('empty limits are none; dollars become whole micro-dollars', () => {
  expect(limitsOf({ tokens: '', dollars: '' })).toEqual({});
  expect(limitsOf({ tokens: 500, dollars: 0.29 })).toEqual({ tokensPerDay: 500, budgetMicrosPerMonth: 290_000 });
});

test('of all that can be said of a credential the most telling is said', () => {
  const ready = {
    state: 'active',
    status: 1,
    disabled_by_operator: false,
    need_refresh: false,
    exhausted: false,
  } as const;
  expect(standingOf(ready)).toBe('ready');
  expect(standingOf({ ...ready, state: 'cooling' })).toBe('resting');
  expect(standingOf({ ...ready, state: 'cooling', exhausted: true })).toBe('usedUp');
  expect(standingOf({ ...ready, status: 0, exhausted: true })).toBe('off');
  expect(standingOf({ ...ready, status: 0, state: 'disabled', disabled_by_operator: true })).toBe('offByOperator');
  expect(standingOf({ ...ready, state: 'invalid', need_refresh: true })).toBe('signInAgain');
});
