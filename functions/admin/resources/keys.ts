import { pageQuery } from '@sluice/contract/envelopes';
import type { changeKeyInput, createKeyInput } from '@sluice/contract/keys';
import { assertMayReach } from '@sluice/core/identity/administrator-rules';
import { roleHas } from '@sluice/core/identity/permissions';
import type { KeyLimits, User } from '@sluice/core/identity/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import {
  changeRow,
  deleteRow,
  isoTime,
  makeKey,
  reachableKey,
  refuseTakenName,
  warningsOf,
  withUse,
  withUses,
  type UsedKey,
} from './key-rows.ts';

/** `/api/keys`: the console's, and the contract's of 4. */

export const ownerQuery = z.object({
  owner: z.string().min(1).max(320).optional().meta({ description: 'User name; administrators only.' }),
});
export const keyListQuery = ownerQuery.extend(pageQuery);

type None = Record<string, never>;

export async function listKeys(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof keyListQuery>, Caller>,
): Promise<Answer> {
  const owner = await ownerOf(services, call.caller.user, call.query.owner);
  const page = await services.identity.listKeysOfOwner(owner.id, {
    limit: call.query.limit,
    cursor: call.query.cursor ?? null,
  });
  const keys = (await withUses(services, page.items)).map((used) => viewKey(used, services.clock()));
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
  const data = { ...viewKey({ key, usedAt: null }, services.clock()), key: secret, warnings };
  return { ...success(data, { key: secret }), status: 201 };
}

export async function showKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const key = await reachableKey(services, call.caller.user, call.params['id'] ?? '');
  return success(viewKey(await withUse(services, key), services.clock()));
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
  return success(viewKey(await withUse(services, changed), services.clock()), { warnings });
}

export async function deleteKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  await deleteRow(services, await reachableKey(services, call.caller.user, call.params['id'] ?? ''));
  return { json: { success: true, message: 'The key is deleted.' } };
}

/** @throws GatewayError `forbidden`, `not_found` */
export async function ownerOf(services: AdminServices, user: User, name: string | undefined): Promise<User> {
  if (name === undefined || name === user.username) return user;
  if (!roleHas(user.role, 'keys:any')) {
    throw new GatewayError('forbidden', { message: 'Your role reaches your own keys only.' });
  }
  const owner = await services.users.findByName(name);
  if (!owner) throw notFound(`user ${name}`);
  return owner;
}

function viewKey({ key, usedAt }: UsedKey, nowMs: number) {
  const isExpired = key.expiresAt !== null && key.expiresAt <= nowMs;
  return {
    id: key.id,
    name: key.name,
    owner_id: key.ownerId,
    preview: key.preview,
    is_active: key.enabled,
    status: !key.enabled ? 'disabled' : isExpired ? 'expired' : 'active',
    models: key.models,
    limits: viewLimits(key.limits),
    allowed_ips: key.allowedIps ?? [],
    channel: key.channel ?? null,
    description: key.description ?? null,
    metadata: key.metadata ?? null,
    expires_at: isoTime(key.expiresAt),
    created_at: isoTime(key.createdAt),
    last_used_at: isoTime(usedAt),
  };
}

/** In both contracts' spellings. */
function viewLimits(limits: KeyLimits) {
  const { requestsPerMinute, tokensPerDay } = limits;
  return {
    ...limits,
    ...(requestsPerMinute === undefined ? {} : { requests_per_minute: requestsPerMinute }),
    ...(tokensPerDay === undefined ? {} : { tokens_per_day: tokensPerDay }),
  };
}
