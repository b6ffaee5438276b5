import type { changeKeyInput, createKeyInput, keyListQuery } from '@sluice/contract/keys';
import { assertMayReach } from '@sluice/core/identity/administrator-rules';
import { roleHas } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { allKeysPage, keysPageOf } from './key-lists.ts';
import { changeRow, deleteRow, makeKey, reachableKey, refuseTakenName, warningsOf } from './key-rows.ts';
import { viewKey, viewKeys } from './key-views.ts';

/** `/api/keys`: the console's, and the contract's of 4. */

export const ownerQuery = z.object({
  owner: z.string().min(1).max(320).optional().meta({ description: 'User name; administrators only.' }),
});

type None = Record<string, never>;

export async function listKeys(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof keyListQuery>, Caller>,
): Promise<Answer> {
  const { user } = call.caller;
  const { owner: name, scope, ...question } = call.query;
  if (scope === 'all' && name === undefined) {
    if (!roleHas(user.role, 'keys:any')) throw ownKeysOnly();
    const page = await allKeysPage(services, question);
    const keys = await viewKeys(services, page.items, page.owners);
    return success({ keys, next_cursor: page.nextCursor }, { keys });
  }
  const owner = await ownerOf(services, user, name);
  const page = await keysPageOf(services, owner.id, question);
  const keys = await viewKeys(services, page.items, [owner]);
  return success({ keys, next_cursor: page.nextCursor }, { keys });
}

/** The secret is in this answer and nowhere after it. */
export async function createKey(
  services: AdminServices,
  call: Call<z.infer<typeof createKeyInput>, z.infer<typeof ownerQuery>, Caller>,
): Promise<Answer> {
  const caller = call.caller.user;
  const owner = await ownerOf(services, caller, call.query.owner);
  // Whoever has a key acts as its owner.
  assertMayReach(caller, owner);
  const { key: chosen, expires_at: expiresAt, allowed_ips: allowedIps, ...facts } = call.body;
  await refuseTakenName(services, owner.id, facts.name);
  const made = await makeKey(services, { caller, owner }, { ...facts, secret: chosen, expiresAt, allowedIps });
  const { key, secret, warnings } = made;
  const data = { ...(await viewKey(services, key, [owner])), key: secret, warnings };
  return { ...success(data, { key: secret }), status: 201 };
}

export async function showKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const key = await reachableKey(services, call.caller.user, call.params['id'] ?? '');
  return success(await viewKey(services, key, [call.caller.user]));
}

export async function changeKey(
  services: AdminServices,
  call: Call<z.infer<typeof changeKeyInput>, None, Caller>,
): Promise<Answer> {
  const key = await reachableKey(services, call.caller.user, call.params['id'] ?? '');
  const { is_active: enabled, expires_at: expiresAt, allowed_ips: allowedIps, ...facts } = call.body;
  if (facts.name !== undefined && facts.name !== key.name) {
    await refuseTakenName(services, key.ownerId, facts.name);
  }
  const changed = await changeRow(services, key, { ...facts, enabled, expiresAt, allowedIps });
  const warnings = call.body.channel === undefined ? [] : await warningsOf(services, changed.channel);
  return success(await viewKey(services, changed, [call.caller.user]), { warnings });
}

export async function deleteKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  await deleteRow(services, await reachableKey(services, call.caller.user, call.params['id'] ?? ''));
  return { json: { success: true, message: 'The key is deleted.' } };
}

/** @throws GatewayError `forbidden`, `not_found` */
export async function ownerOf(services: AdminServices, user: User, name: string | undefined): Promise<User> {
  if (name === undefined || name === user.username) return user;
  if (!roleHas(user.role, 'keys:any')) {
    throw ownKeysOnly();
  }
  const owner = await services.users.findByName(name);
  if (!owner) throw notFound(`user ${name}`);
  return owner;
}

function ownKeysOnly(): GatewayError {
  return new GatewayError('forbidden', { message: 'Your role reaches your own keys only.' });
}
