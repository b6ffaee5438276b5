import type { userView } from '@sluice/contract/users';
import type { User } from '@sluice/core/identity/store';
import type { z } from 'zod';

export function viewUser(user: User): z.infer<typeof userView> {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    avatar_url: null,
    role: user.role,
    trust_level: user.trustLevel,
    is_active: user.enabled,
    is_verified: user.emailVerified,
    is_silenced: user.silenced,
    must_change_password: user.mustChangePassword,
    created_at: new Date(user.createdAt).toISOString(),
  };
}
