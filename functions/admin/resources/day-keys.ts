import { pageQuery } from '@sluice/contract/envelopes';
import type { createDayKeyInput, dayKeyChange, dayKeyDeletion } from '@sluice/contract/key-dialects';
import { QUOTA_CLASSES } from '@sluice/core/catalog/store';
import type { ApiKey, KeyLimits, User } from '@sluice/core/identity/store';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { z } from 'zod';
import { notFound } from '../refusal.ts';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { randomName } from './channel-keys.ts';
import { dayLimitOf, dayUsesOf, type DayUse } from './day-key-usage.ts';
import { allKeysOf, changeRow, deleteRow, isoTime, makeKey, withUses, type UsedKey } from './key-rows.ts';
import { ownerOf } from './keys.ts';

/**
 * `/api/v1/admin/keys`: everybody's keys with their limits per day, as the contract of 1.7 has them. It knows keys by
 * their text; here `key` of a list is the id, and either is taken back.
 */

type None = Record<string, never>;

export const dayKeyListQuery = z.object({
  owner: z.string().min(1).max(320).optional().meta({ description: "User name; only this user's keys." }),
  cursor: pageQuery.cursor,
});

/** Users whose keys stand on one page. */
const USERS_A_PAGE = 100;
const AT_ONCE = 16;

/** The caller's own keys first, then other users' by user name; a page is so many users. */
export async function listDayKeys(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof dayKeyListQuery>, Caller>,
): Promise<Answer> {
  const { user } = call.caller;
  const { owner, cursor = null } = call.query;
  const named = owner === undefined ? null : await ownerOf(services, user, owner);
  const page = named
    ? { items: [named], nextCursor: null }
    : await services.identity.listUsers({ limit: USERS_A_PAGE, cursor });
  const others = page.items.filter(({ id }) => named !== null || id !== user.id);
  const users = named === null && cursor === null ? [user, ...others] : others;
  const keys = (await mapLimited(users, AT_ONCE, ({ id }) => allKeysOf(services, id))).flat();
  const [used, uses] = await Promise.all([withUses(services, keys), dayUsesOf(services, keys)]);
  const names = new Map(users.map(({ id, username }) => [id, username]));
  const data = used.map((row) => viewDayKey(row, { owner: names.get(row.key.ownerId), use: uses.get(row.key.id) }));
  return { json: { success: true, data, next_cursor: page.nextCursor } };
}

/** The secret is in this answer and nowhere after it. */
export async function createDayKey(
  services: AdminServices,
  call: Call<z.infer<typeof createDayKeyInput>, None, Caller>,
): Promise<Answer> {
  const { user } = call.caller;
  const { name, key: chosen, is_active: enabled, limits } = call.body;
  const facts = {
    name: name || randomName(),
    enabled,
    limits: limits ? withDayLimits({}, limits) : {},
    secret: chosen || undefined,
  };
  const { key, secret } = await makeKey(services, { caller: user, owner: user }, facts, 'key_exists');
  const view = viewDayKey({ key, usedAt: null }, { owner: user.username, use: undefined });
  return { json: { success: true, data: { ...view, key: secret } } };
}

export async function changeDayKey(
  services: AdminServices,
  call: Call<z.infer<typeof dayKeyChange>, None, Caller>,
): Promise<Answer> {
  const { key: named, name, is_active: enabled, limits } = call.body;
  const key = await findNamed(services, named);
  const change = {
    name: name || undefined,
    enabled,
    limits: limits ? withDayLimits(key.limits, limits) : undefined,
  };
  call.audit.target = key.id;
  await changeRow(services, key, change);
  return { json: { success: true } };
}

export async function deleteDayKey(
  services: AdminServices,
  call: Call<z.infer<typeof dayKeyDeletion>, None, Caller>,
): Promise<Answer> {
  const key = await findNamed(services, call.body.key);
  call.audit.target = key.id;
  await deleteRow(services, key);
  return { json: { success: true } };
}

/** @throws GatewayError `not_found` */
async function findNamed(services: AdminServices, named: string): Promise<ApiKey> {
  const byId = await services.identity.findKeyById(named);
  if (byId) return byId;
  const { digest } = await services.digestKey(named);
  const bySecret = await services.identity.findKeyByDigest(digest);
  if (!bySecret) throw notFound('such key');
  return bySecret;
}

type DayLimits = NonNullable<z.infer<typeof createDayKeyInput>['limits']>;

/** Of the limits per day those that are named, null for none; all others stay. */
function withDayLimits(limits: KeyLimits, given: DayLimits): KeyLimits {
  const perDay = { ...limits.perDay };
  for (const quotaClass of QUOTA_CLASSES) {
    const limit = given[`${quotaClass}_per_day`];
    if (limit !== undefined) perDay[quotaClass] = limit ?? -1;
  }
  return { ...limits, perDay };
}

function viewDayKey(
  { key, usedAt }: UsedKey,
  { owner, use }: { owner: User['username'] | undefined; use: DayUse | undefined },
) {
  const used = use ?? { chat: 0, heavy: 0, image: 0, video: 0 };
  const left = (quotaClass: keyof DayUse): number | null => {
    const limit = dayLimitOf(key, quotaClass);
    return limit < 0 ? null : Math.max(0, limit - used[quotaClass]);
  };
  return {
    id: key.id,
    key: key.id,
    name: key.name,
    owner: owner ?? '',
    display_key: key.preview,
    is_active: key.enabled,
    created_at: isoTime(key.createdAt),
    last_used_at: isoTime(usedAt),
    expires_at: isoTime(key.expiresAt),
    limits: {
      chat_per_day: dayLimitOf(key, 'chat'),
      heavy_per_day: dayLimitOf(key, 'heavy'),
      image_per_day: dayLimitOf(key, 'image'),
      video_per_day: dayLimitOf(key, 'video'),
    },
    usage_today: { chat_used: used.chat, heavy_used: used.heavy, image_used: used.image, video_used: used.video },
    remaining_today: { chat: left('chat'), heavy: left('heavy'), image: left('image'), video: left('video') },
  };
}
