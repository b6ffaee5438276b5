import { describe, expect, test } from '@jest/globals';
import { faultsOf, inputOf, type NewUser } from '../../../../admin-web/src/features/users/new-user.ts';
import { formOfLimits, limitsOfForm } from '../../../../admin-web/src/features/users/own-limits.ts';
import type { Standing } from '../../../../admin-web/src/features/users/standing.ts';
import { changeBetween } from '../../../../admin-web/src/lib/change-between.ts';
import { changeUserInput } from '../../../../layers/contract/user-administration.ts';
import { readUsersSearch } from '../../../../admin-web/src/features/users/users-search.ts';

describe('the address of the users page', () => {
  test('carries filters, the open user and the dialog', () => {
    const search = { search: 'jo', role: 'admin', state: 'silenced', user: 'u1', create: true };
    expect(readUsersSearch(search)).toEqual(search);
  });

  test('a name that reads like a number is a name all the same', () => {
    expect(readUsersSearch({ search: 42 })).toEqual({ search: '42' });
  });

  test('what nobody could have chosen is ignored', () => {
    expect(readUsersSearch({ search: '', role: 'king', state: 'all', user: null, create: 'yes' })).toEqual({});
  });
});

const NEW_USER: NewUser = { way: 'invite', username: ' jo.doe ', email: '', password: 'left over', role: 'user' };

describe('a new user', () => {
  test('an invitation sends no password, although one was typed before', () => {
    expect(inputOf({ ...NEW_USER, email: ' jo@example.com ' })).toEqual({
      username: 'jo.doe',
      email: 'jo@example.com',
      role: 'user',
    });
  });

  test('whoever is given a password has to change it', () => {
    const input = inputOf({ ...NEW_USER, way: 'password', password: 'correct horse battery' });
    expect(input).toEqual({
      username: 'jo.doe',
      password: 'correct horse battery',
      must_change_password: true,
      role: 'user',
    });
  });

  test('faults are named by the field that has them', () => {
    expect(Object.keys(faultsOf({ ...NEW_USER, username: 'j', email: 'nowhere' })).toSorted()).toEqual([
      'email',
      'username',
    ]);
    expect(faultsOf({ ...NEW_USER, email: 'jo@example.com' })).toEqual({});
  });
});

test('only what was changed of a user is sent', () => {
  const before: Standing = {
    role: 'user',
    trust_level: 1,
    is_active: true,
    is_silenced: false,
    is_verified: true,
    must_change_password: false,
  };
  expect(changeBetween(before, { ...before, is_silenced: true, trust_level: 2 })).toEqual({
    is_silenced: true,
    trust_level: 2,
  });
  expect(changeBetween(before, { ...before })).toEqual({});
});

describe("a user's own limits", () => {
  test('come back as they went: what is empty is left to the role, −1 and 0 are kept, money is in micro-dollars', () => {
    const limits = { requestsPerMinute: 0, tokensPer24Hours: -1, budgetMicrosPerMonth: 2_500_001, keys: 3 };
    expect(formOfLimits(limits)).toEqual({
      requestsPerMinute: 0,
      maxConcurrent: '',
      tokensPer24Hours: -1,
      budgetMicrosPerMonth: 2.500001,
      keys: 3,
    });
    expect(limitsOfForm(formOfLimits(limits))).toEqual(limits);
    expect(limitsOfForm(formOfLimits({ budgetMicrosPerMonth: -1 }))).toEqual({ budgetMicrosPerMonth: -1 });
    expect(limitsOfForm(formOfLimits(null))).toEqual({});
  });

  test.each([-0.5, -0.000001])('a budget of %d dollars is refused by the API, and never without limit', (dollars) => {
    const limits = limitsOfForm({ ...formOfLimits(null), budgetMicrosPerMonth: dollars });
    expect(changeUserInput.safeParse({ limits }).success).toBe(false);
  });

  test('a budget of −1 is one without limit', () => {
    const unlimited = limitsOfForm({ ...formOfLimits(null), budgetMicrosPerMonth: -1 });
    expect(changeUserInput.safeParse({ limits: unlimited }).data).toEqual({ limits: { budgetMicrosPerMonth: -1 } });
  });
});
