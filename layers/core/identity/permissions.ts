import type { Role } from './store.ts';

/** What a route may ask for. `own` reaches the caller's own rows only, `any` everybody's. */
export const PERMISSIONS = [
  'profile:read',
  'profile:write',
  'keys:own',
  'keys:any',
  'usage:own',
  'usage:any',
  'users:manage',
  'codes:redeem',
  'sharing:own',
  'codes:manage',
  'plans:manage',
  'upstreams:manage',
  'credentials:manage',
  'models:manage',
  'media:manage',
  'conversations:own',
  'conversations:any',
  'conversations:reveal',
  'settings:manage',
  'configuration:import',
  'configuration:export',
  'schedules:run',
  'audit:read',
  'monitoring:read',
  'alerts:manage',
  'machine-secrets:manage',
  'credentials:reveal',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const USER: readonly Permission[] = [
  'profile:read',
  'profile:write',
  'keys:own',
  'usage:own',
  'codes:redeem',
  'sharing:own',
  'conversations:own',
];
const ADMIN: readonly Permission[] = [
  ...USER,
  'keys:any',
  'usage:any',
  'users:manage',
  'codes:manage',
  'plans:manage',
  'upstreams:manage',
  'credentials:manage',
  'models:manage',
  'media:manage',
  // That there are such, and deleting them; what was said in them is another right.
  'conversations:any',
];

/** Each role has what the one before it has. */
const PERMISSIONS_OF_ROLE: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  user: new Set(USER),
  admin: new Set(ADMIN),
  super_admin: new Set(PERMISSIONS),
};

export function roleHas(role: Role, permission: Permission): boolean {
  return PERMISSIONS_OF_ROLE[role].has(permission);
}

export function permissionsOf(role: Role): Permission[] {
  return PERMISSIONS.filter((permission) => roleHas(role, permission));
}
