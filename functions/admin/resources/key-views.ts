import type { keyLimitUse, keyView } from '@sluice/contract/keys';
import { QUOTA_CLASSES } from '@sluice/core/catalog/store';
import type { ApiKey, KeyLimits, User } from '@sluice/core/identity/store';
import type { LedgerAccount } from '@sluice/core/metering/account-store';
import { limitsInForce } from '@sluice/core/metering/limits';
import { keyScope, type MeasureLetter } from '@sluice/core/metering/measures';
import { mapLimited } from '@sluice/kit/async/map-limited';
import type { z } from 'zod';
import type { AdminServices } from '../services.ts';
import { isoTime, withUses } from './key-rows.ts';

type KeyView = z.input<typeof keyView>;
type LimitUse = z.input<typeof keyLimitUse>;

const AT_ONCE = 16;

const MEASURE_NAMES: Partial<Record<MeasureLetter, LimitUse['measure']>> = {
  r: 'requests_per_minute',
  t: 'tokens_per_day',
  c: 'chat_per_day',
  h: 'heavy_per_day',
  i: 'image_per_day',
  v: 'video_per_day',
  m: 'budget_micros_per_month',
  f: 'max_concurrent',
};

/** @param known users whose names need not be looked up */
export async function viewKey(services: AdminServices, key: ApiKey, known: readonly User[]): Promise<KeyView> {
  const [view] = await viewKeys(services, [key], known);
  if (view === undefined) throw new Error('one key has one view');
  return view;
}

/** Keys as `/api/keys` tells of them: with their owners' names, their last use, and how far their limits are used. */
export async function viewKeys(
  services: AdminServices,
  keys: readonly ApiKey[],
  known: readonly User[],
): Promise<KeyView[]> {
  const [used, names, accounts] = await Promise.all([
    withUses(services, keys),
    namesOfOwners(services, keys, known),
    accountsOfLimited(services, keys),
  ]);
  return used.map(({ key, usedAt }) => ({
    ...factsOf(key, services.clock()),
    owner: names.get(key.ownerId) ?? null,
    limits_used: limitsUsed(services, key, accounts.get(key.ownerId) ?? null),
    last_used_at: isoTime(usedAt),
  }));
}

function factsOf(key: ApiKey, nowMs: number): Omit<KeyView, 'owner' | 'limits_used' | 'last_used_at'> {
  return {
    id: key.id,
    name: key.name,
    owner_id: key.ownerId,
    preview: key.preview,
    is_active: key.enabled,
    status: keyStatus(key, nowMs),
    models: [...key.models],
    limits: viewLimits(key.limits),
    allowed_ips: [...(key.allowedIps ?? [])],
    channel: key.channel ?? null,
    description: key.description ?? null,
    metadata: key.metadata ?? null,
    expires_at: isoTime(key.expiresAt),
    created_at: isoTime(key.createdAt),
  };
}

export function keyStatus(key: ApiKey, nowMs: number): KeyView['status'] {
  if (!key.enabled) return 'disabled';
  return key.expiresAt !== null && key.expiresAt <= nowMs ? 'expired' : 'active';
}

/** In both contracts' spellings. */
function viewLimits(limits: KeyLimits): KeyView['limits'] {
  const { requestsPerMinute, tokensPerDay } = limits;
  return {
    ...limits,
    ...(requestsPerMinute === undefined ? {} : { requests_per_minute: requestsPerMinute }),
    ...(tokensPerDay === undefined ? {} : { tokens_per_day: tokensPerDay }),
  };
}

async function namesOfOwners(
  services: AdminServices,
  keys: readonly ApiKey[],
  known: readonly User[],
): Promise<Map<string, string>> {
  const names = new Map(known.map(({ id, username }) => [id, username]));
  const missing = [...new Set(keys.map(({ ownerId }) => ownerId))].filter((id) => !names.has(id));
  for (const user of await mapLimited(missing, AT_ONCE, (id) => services.identity.findUserById(id))) {
    if (user) names.set(user.id, user.username);
  }
  return names;
}

/** Only accounts of keys that have a limit are asked for. */
async function accountsOfLimited(
  services: AdminServices,
  keys: readonly ApiKey[],
): Promise<Map<string, LedgerAccount | null>> {
  const limited = keys.filter((key) => Object.keys(key.limits).length > 0);
  const owners = [...new Set(limited.map(({ ownerId }) => ownerId))];
  const accounts = await mapLimited(owners, AT_ONCE, (id) => services.accounts.read(id, { consistent: false }));
  return new Map(owners.map((id, index) => [id, accounts[index] ?? null]));
}

function limitsUsed(services: AdminServices, key: ApiKey, account: LedgerAccount | null): LimitUse[] {
  const timeMs = services.clock();
  const grid = {
    createdAt: account?.createdAt ?? Math.floor(timeMs / 1_000),
    offsetMinutes: services.timeZoneOffsetMinutes,
  };
  const scopes = [{ owner: 'key' as const, scope: keyScope(key.id), limits: key.limits }];
  const uses = new Map<string, LimitUse>();
  for (const quotaClass of QUOTA_CLASSES) {
    for (const one of limitsInForce({ scopes, class: quotaClass, timeMs, plan: null, grid })) {
      const measure = MEASURE_NAMES[one.letter];
      if (measure === undefined) continue;
      const used = account?.counters[one.counter] ?? 0;
      uses.set(measure, { measure, limit: one.limit, used, resets_at: isoTime(one.resetAt) });
    }
  }
  return [...uses.values()];
}
