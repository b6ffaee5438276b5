import type { Settings } from '../catalog/store.ts';
import type { Role, User, UserLimits } from '../identity/store.ts';
import type { ScopeLimits } from './limits.ts';

/** What a role has where the settings say nothing. */
export const DEFAULT_ROLE_LIMITS: Readonly<Record<Role, UserLimits>> = {
  user: { requestsPerMinute: 60, tokensPer24Hours: 10_000, keys: 10 },
  admin: {},
  super_admin: {},
};

export type RoleSettings = Pick<Settings, 'roleLimits' | 'trustFactors'>;
type LimitedUser = Pick<User, 'role' | 'trustLevel' | 'limits'>;

/** By user as it was read: both sides are read anew every few seconds, and what they come to is worked out once. */
const worked = new WeakMap<LimitedUser, { settings: RoleSettings; limits: ScopeLimits }>();

/**
 * What a user's requests may use: the role's limits times the trust level's factor, and in their place, measure by
 * measure, what was set for the user alone. The same object for the same settings and user.
 */
export function limitsOfUser(settings: RoleSettings, user: LimitedUser): ScopeLimits {
  const known = worked.get(user);
  if (known?.settings === settings) return known.limits;
  const factor = factorOf(settings.trustFactors, user.trustLevel);
  const ofRole = roleLimitsOf(settings, user.role);
  const own = user.limits ?? {};
  const limits: ScopeLimits = {
    requestsPerMinute: own.requestsPerMinute ?? scaled(ofRole.requestsPerMinute, factor),
    tokensPerRoleDay: own.tokensPer24Hours ?? scaled(ofRole.tokensPer24Hours, factor),
    maxConcurrent: own.maxConcurrent ?? scaled(ofRole.maxConcurrent, factor),
    budgetMicrosPerMonth: own.budgetMicrosPerMonth ?? scaled(ofRole.budgetMicrosPerMonth, factor),
  };
  worked.set(user, { settings, limits });
  return limits;
}

/** How many keys a user may have; null = any number. */
export function mostKeysOf(settings: RoleSettings, user: LimitedUser): number | null {
  const most = user.limits?.keys ?? roleLimitsOf(settings, user.role).keys ?? -1;
  return most < 0 ? null : most;
}

/** Measure by measure, the setting's or the default. */
export function roleLimitsOf({ roleLimits }: Pick<RoleSettings, 'roleLimits'>, role: Role): UserLimits {
  const set = Object.entries(roleLimits[role] ?? {}).filter(([, limit]) => limit !== undefined);
  return { ...DEFAULT_ROLE_LIMITS[role], ...Object.fromEntries(set) };
}

function factorOf(factors: readonly number[], trustLevel: number): number {
  return factors[Math.min(trustLevel, factors.length - 1)] ?? 1;
}

/** Unlimited stays unlimited; a factor above 0 leaves at least 1, so that only 0 blocks. */
function scaled(limit: number | undefined, factor: number): number | undefined {
  if (limit === undefined || limit <= 0 || factor === 1) return limit;
  return factor <= 0 ? 0 : Math.max(1, Math.floor(limit * factor));
}
