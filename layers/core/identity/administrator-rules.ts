import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UserChange } from './account-store.ts';
import type { Role, User } from './store.ts';

/** Administrators manage users; whoever is or becomes more than a user is a super administrator's business. */
export function assertMayGrant(actor: User, role: Role): void {
  if (role === 'user' || actor.role === 'super_admin') return;
  throw new GatewayError('forbidden', { message: 'Only a super administrator makes administrators.', param: 'role' });
}

/**
 * Nobody takes their own standing away, so whoever does it to others is still there afterwards: at least one super
 * administrator stays. (Two who do it to each other at once: the store checks the actor in the same transaction.)
 * @throws GatewayError `forbidden`, `conflict`
 */
export function assertMayChange(actor: User, target: User, change: UserChange): void {
  assertMayReach(actor, target);
  if (change.role !== undefined && change.role !== target.role) assertMayGrant(actor, change.role);
  if (actor.id !== target.id) return;
  const own: [boolean, string][] = [
    [change.role !== undefined && change.role !== target.role, 'role'],
    [change.enabled === false, 'is_active'],
    [change.silenced === true, 'is_silenced'],
  ];
  const lost = own.find(([loses]) => loses);
  if (!lost) return;
  throw new GatewayError('conflict', {
    message: 'Nobody may take away their own standing. Please ask another administrator.',
    param: lost[1],
  });
}

/** @throws GatewayError `forbidden` */
export function assertMayReach(actor: User, target: User): void {
  if (target.role === 'user' || actor.role === 'super_admin' || actor.id === target.id) return;
  throw new GatewayError('forbidden', { message: 'Only a super administrator changes administrators.' });
}

/** @throws GatewayError `forbidden`, `conflict` */
export function assertMayRemove(actor: User, target: User): void {
  assertMayReach(actor, target);
  if (actor.id !== target.id) return;
  throw new GatewayError('conflict', { message: 'Nobody may delete their own account here.' });
}
