import type { User } from './api/users.ts';

/** The switches of a user. */
export const FLAGS = ['is_active', 'is_silenced', 'is_verified', 'must_change_password'] as const;

/** What an administrator decides about a user. */
export type Standing = Pick<User, (typeof FLAGS)[number] | 'role' | 'trust_level'>;

export function standingOf(user: User): Standing {
  const { role, trust_level, is_active, is_silenced, is_verified, must_change_password } = user;
  return { role, trust_level, is_active, is_silenced, is_verified, must_change_password };
}
