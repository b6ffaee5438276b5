import type { createUserKeyInput, userKeyChange, userKeyDeletion } from '@sluice/contract/key-dialects';
import type { z } from 'zod';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import {
  allKeysOf,
  changeRow,
  deleteRow,
  isoTime,
  makeKey,
  reachableKey,
  withUse,
  withUses,
  type UsedKey,
} from './key-rows.ts';

/** `/api/user/api-keys`: the caller's own keys as the contract of 2 has them. */

type None = Record<string, never>;

export async function listUserKeys(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const keys = await withUses(services, await allKeysOf(services, call.caller.user.id));
  return { json: { success: true, apiKeys: keys.map(viewUserKey) } };
}

/** The secret is in this answer and nowhere after it. */
export async function createUserKey(
  services: AdminServices,
  call: Call<z.infer<typeof createUserKeyInput>, None, Caller>,
): Promise<Answer> {
  const { user } = call.caller;
  const { expires_at: expiresAt, allowed_ips: allowedIps, ...facts } = call.body;
  const made = await makeKey(services, { caller: user, owner: user }, { ...facts, expiresAt, allowedIps });
  const apiKey = { ...viewUserKey({ key: made.key, usedAt: null }), key: made.secret };
  return { status: 201, json: { success: true, apiKey } };
}

export async function changeUserKey(
  services: AdminServices,
  call: Call<z.infer<typeof userKeyChange>, None, Caller>,
): Promise<Answer> {
  const { keyId, name, is_active: enabled } = call.body;
  const changed = await changeRow(services, await reachableKey(services, call.caller.user, keyId), { name, enabled });
  return { json: { success: true, apiKey: viewUserKey(await withUse(services, changed)) } };
}

export async function deleteUserKey(
  services: AdminServices,
  call: Call<z.infer<typeof userKeyDeletion>, None, Caller>,
): Promise<Answer> {
  await deleteRow(services, await reachableKey(services, call.caller.user, call.body.keyId));
  return { json: { success: true } };
}

function viewUserKey({ key, usedAt }: UsedKey) {
  return {
    id: key.id,
    name: key.name,
    is_active: key.enabled,
    created_at: isoTime(key.createdAt),
    last_used_at: isoTime(usedAt),
    expires_at: isoTime(key.expiresAt),
    preview: key.preview,
  };
}
