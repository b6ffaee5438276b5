import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Role, UserLimits } from '../../../layers/core/identity/store.ts';
import { hasLimits } from '../../../layers/core/metering/limits.ts';
import { limitsOfUser, mostKeysOf, type RoleSettings } from '../../../layers/core/metering/role-limits.ts';

const DEFAULTS: RoleSettings = { roleLimits: {}, trustFactors: [1] };
const aUser = (change: { role?: Role; trustLevel?: number; limits?: UserLimits } = {}) => ({
  role: 'user' as const,
  trustLevel: 0,
  ...change,
});

describe('the limits of a user', () => {
  it('are the contracts’ figures by default, and nothing binds administrators', () => {
    expect(limitsOfUser(DEFAULTS, aUser())).toMatchObject({ requestsPerMinute: 60, tokensPerRoleDay: 10_000 });
    expect(mostKeysOf(DEFAULTS, aUser())).toBe(10);
    for (const role of ['admin', 'super_admin'] as const) {
      const limits = limitsOfUser(DEFAULTS, aUser({ role }));
      expect(hasLimits([{ owner: 'user', scope: 'u', limits }], 'chat')).toBe(false);
      expect(mostKeysOf(DEFAULTS, aUser({ role }))).toBeNull();
    }
  });

  it('are what the settings say of the role, and the default where they say nothing', () => {
    const roleLimits = { user: { requestsPerMinute: 5, keys: -1 }, admin: { maxConcurrent: 3 } };
    const settings = { ...DEFAULTS, roleLimits };
    expect(limitsOfUser(settings, aUser())).toMatchObject({ requestsPerMinute: 5, tokensPerRoleDay: 10_000 });
    expect(mostKeysOf(settings, aUser())).toBeNull();
    expect(limitsOfUser(settings, aUser({ role: 'admin' }))).toMatchObject({ maxConcurrent: 3 });
  });

  it('grow with the trust level, whose last factor holds for all above', () => {
    const settings = { ...DEFAULTS, trustFactors: [1, 2.5, 0.001] };
    const at = (trustLevel: number) => limitsOfUser(settings, aUser({ trustLevel })).requestsPerMinute;
    expect([at(0), at(1), at(2), at(7)]).toEqual([60, 150, 1, 1]);
    expect(mostKeysOf(settings, aUser({ trustLevel: 1 }))).toBe(10);
  });

  it('that were set for the user alone are not scaled and take the place of the role’s, 0 and −1 too', () => {
    const settings = { ...DEFAULTS, trustFactors: [3] };
    const limits = { requestsPerMinute: 0, tokensPer24Hours: -1, keys: 2 };
    expect(limitsOfUser(settings, aUser({ limits }))).toMatchObject({ requestsPerMinute: 0, tokensPerRoleDay: -1 });
    expect(limitsOfUser(settings, aUser({ limits: { keys: 2 } })).requestsPerMinute).toBe(180);
    expect(mostKeysOf(settings, aUser({ limits }))).toBe(2);
  });

  it('are worked out once for the same settings and user, and again for others', () => {
    const user = aUser();
    const first = limitsOfUser(DEFAULTS, user);
    expect(limitsOfUser(DEFAULTS, user)).toBe(first);
    const changed = { ...DEFAULTS, roleLimits: { user: { requestsPerMinute: 1 } } };
    expect(limitsOfUser(changed, user).requestsPerMinute).toBe(1);
    expect(limitsOfUser(DEFAULTS, user).requestsPerMinute).toBe(60);
  });

  it('stay unlimited or blocked under every factor, and no factor above 0 blocks what was open', () => {
    const factor = fc.double({ min: 0.000_001, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 1_000_000 }), factor, (limit, trustFactor) => {
        const settings = { roleLimits: { user: { requestsPerMinute: limit } }, trustFactors: [trustFactor] };
        const scaled = limitsOfUser(settings, aUser()).requestsPerMinute ?? NaN;
        expect(Math.sign(scaled)).toBe(Math.sign(limit));
        expect(Number.isInteger(scaled)).toBe(true);
      }),
    );
  });
});
