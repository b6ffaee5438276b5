import { randomBytes } from 'node:crypto';
import { CHANNEL_OF_ALL, type channelKeyStatus, type createChannelKeyInput } from '@sluice/contract/key-dialects';
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

/** `/api/api-keys`: the caller's own keys as the contract of 5.2 has them, bare, each bound to a channel or to none. */

type None = Record<string, never>;

const PREVIEWED = 8;

export async function listChannelKeys(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const keys = await withUses(services, await allKeysOf(services, call.caller.user.id));
  return { json: keys.map(viewChannelKey) };
}

/** The secret is in this answer and nowhere after it. */
export async function createChannelKey(
  services: AdminServices,
  call: Call<z.infer<typeof createChannelKeyInput>, None, Caller>,
): Promise<Answer> {
  const { user } = call.caller;
  const { name, description, config_type: channel, expires_at: expiresAt } = call.body;
  const facts = { name: name ?? randomName(), description, channel, expiresAt };
  const { key, secret, warnings } = await makeKey(services, { caller: user, owner: user }, facts);
  return { status: 201, json: { ...viewChannelKey({ key, usedAt: null }), key: secret, warnings } };
}

export async function showChannelKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const key = await reachableKey(services, call.caller.user, call.params['id'] ?? '');
  return { json: viewChannelKey(await withUse(services, key)) };
}

export async function switchChannelKey(
  services: AdminServices,
  call: Call<z.infer<typeof channelKeyStatus>, None, Caller>,
): Promise<Answer> {
  const key = await reachableKey(services, call.caller.user, call.params['id'] ?? '');
  const changed = await changeRow(services, key, { enabled: call.body.is_active });
  return { json: viewChannelKey(await withUse(services, changed)) };
}

export async function deleteChannelKey(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  await deleteRow(services, await reachableKey(services, call.caller.user, call.params['id'] ?? ''));
  return { json: { message: 'The key is deleted.', success: true } };
}

/** Keys have names; a contract whose clients may leave them out gets one made. */
export function randomName(): string {
  return `key-${randomBytes(4).toString('hex')}`;
}

function viewChannelKey({ key, usedAt }: UsedKey) {
  return {
    id: key.id,
    user_id: key.ownerId,
    key_preview: key.preview.slice(0, PREVIEWED),
    name: key.name,
    description: key.description ?? null,
    config_type: key.channel ?? CHANNEL_OF_ALL,
    is_active: key.enabled,
    created_at: isoTime(key.createdAt),
    last_used_at: isoTime(usedAt),
    expires_at: isoTime(key.expiresAt),
  };
}
