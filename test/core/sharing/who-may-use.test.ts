import { createUseRule } from '../../../layers/core/sharing/who-may-use.ts';
import type { OwnedCredential } from '../../../layers/core/sharing/store.ts';

const owned = (change: Partial<OwnedCredential> = {}): OwnedCredential => ({
  upstream: 'up',
  credentialId: 'crd_1',
  ownerId: 'usr_1',
  name: 'one',
  sharing: 'shared',
  enabled: true,
  modelsOff: [],
  removing: false,
  counted: [],
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  ...change,
});
const rule = (quotas: Record<string, number> | null, change: { userId?: string; preferShared?: boolean } = {}) =>
  createUseRule({
    userId: change.userId ?? 'usr_1',
    account: quotas && { quotas, preferShared: change.preferShared ?? false },
    model: 'a',
    groups: [['a', 'b']],
  });

describe('who may use a credential', () => {
  it('of operators is everybody', () => {
    expect(rule(null).useOf(null)).toBe('operators');
  });

  it('that is exclusive is its owner, with or without quota', () => {
    const exclusive = owned({ sharing: 'exclusive' });
    expect(rule(null).useOf(exclusive)).toBe('exclusive');
    expect(rule({ a: 5 }, { userId: 'usr_2' }).useOf(exclusive)).toBeNull();
    expect(rule({ a: 5 }, { userId: 'usr_2' }).isOut).toBe(false);
  });

  it.each(['usr_1', 'usr_2'])('that is shared is whoever has quota for any model of the group, %s too', (userId) => {
    expect(rule({ a: -5, b: 1 }, { userId }).useOf(owned())).toBe('shared');
    const out = rule({ a: 0, b: 0, c: 9 }, { userId });
    expect(out.useOf(owned())).toBeNull();
    expect(out.isOut).toBe(true);
    expect(rule(null, { userId }).useOf(owned())).toBeNull();
  });

  it.each([{ enabled: false }, { removing: true }, { modelsOff: ['a'] }])('that is %j is nobody', (change) => {
    for (const sharing of ['shared', 'exclusive'] as const) {
      const given = rule({ a: 5 });
      expect(given.useOf(owned({ ...change, sharing }))).toBeNull();
      expect(given.isOut).toBe(false);
    }
  });

  it('is asked for by preference: exclusive ones first, or shared ones and the operators’ first', () => {
    expect((['exclusive', 'shared', 'operators'] as const).map(rule({}).turnOf)).toEqual([0, 1, 1]);
    const preferring = rule({}, { preferShared: true });
    expect((['exclusive', 'shared', 'operators'] as const).map(preferring.turnOf)).toEqual([1, 0, 0]);
  });
});
