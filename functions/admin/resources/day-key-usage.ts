import { QUOTA_CLASSES, type QuotaClass } from '@sluice/core/catalog/store';
import type { ApiKey } from '@sluice/core/identity/store';
import type { LedgerAccount } from '@sluice/core/metering/account-store';
import { counterName, keyScope, type MeasureLetter } from '@sluice/core/metering/measures';
import { readUsage } from '@sluice/core/metering/read-usage';
import { windowAt } from '@sluice/core/metering/windows';
import { mapLimited } from '@sluice/kit/async/map-limited';
import type { AdminServices } from '../services.ts';

/** What a key used today, by class; a heavy request is a chat request too. */
export type DayUse = Record<QuotaClass, number>;

const LETTERS: Readonly<Record<QuotaClass, MeasureLetter>> = { chat: 'c', heavy: 'h', image: 'i', video: 'v' };
const DAY_MS = 24 * 3600_000;
const AT_ONCE = 16;

/**
 * The day's use of these keys. Where a limit is set its counter tells, requests under way included; elsewhere nothing
 * is counted, and the roll-ups tell.
 */
export async function dayUsesOf(services: AdminServices, keys: readonly ApiKey[]): Promise<Map<string, DayUse>> {
  if (keys.length === 0) return new Map();
  const owners = [...new Set(keys.map(({ ownerId }) => ownerId))];
  const [rolledUp, accounts] = await Promise.all([
    rolledUpUses(services),
    mapLimited(owners, AT_ONCE, (ownerId) => services.accounts.read(ownerId, { consistent: false })),
  ]);
  const byOwner = new Map(owners.map((ownerId, index) => [ownerId, accounts[index] ?? null]));
  return new Map(
    keys.map((key) => {
      const use = rolledUp.get(key.id) ?? noUse();
      const counted = QUOTA_CLASSES.map((quotaClass) => [
        quotaClass,
        isLimited(key, quotaClass)
          ? counterOf(services, { key, quotaClass, account: byOwner.get(key.ownerId) ?? null })
          : use[quotaClass],
      ]);
      return [key.id, Object.fromEntries(counted) as DayUse];
    }),
  );
}

function noUse(): DayUse {
  return { chat: 0, heavy: 0, image: 0, video: 0 };
}

export function dayLimitOf(key: ApiKey, quotaClass: QuotaClass): number {
  return key.limits.perDay?.[quotaClass] ?? -1;
}

function isLimited(key: ApiKey, quotaClass: QuotaClass): boolean {
  return dayLimitOf(key, quotaClass) >= 0;
}

function counterOf(
  { clock, timeZoneOffsetMinutes: offsetMinutes }: AdminServices,
  { key, quotaClass, account }: { key: ApiKey; quotaClass: QuotaClass; account: LedgerAccount | null },
): number {
  const { name } = windowAt('day', clock(), { createdAt: account?.createdAt ?? 0, offsetMinutes });
  return account?.counters[counterName(LETTERS[quotaClass], keyScope(key.id), name)] ?? 0;
}

async function rolledUpUses(services: AdminServices): Promise<Map<string, DayUse>> {
  const now = services.clock();
  const { endsAt } = windowAt('day', now, { createdAt: 0, offsetMinutes: services.timeZoneOffsetMinutes });
  const question = { dimension: 'key', member: null, range: { from: endsAt - DAY_MS, to: endsAt } } as const;
  const [models, { rows }] = await Promise.all([services.catalog.listModels(), readUsage(services, question, now)]);
  const classes = new Map(models.map((model) => [model.name, model.class]));
  const uses = new Map<string, DayUse>();
  for (const { row } of rows) {
    const use = uses.get(row.member) ?? noUse();
    uses.set(row.member, use);
    const quotaClass = classes.get(row.model) ?? 'chat';
    if (quotaClass === 'image') use.image += Math.max(row.sums.parts.images, row.sums.succeeded);
    else use[quotaClass] += row.sums.requests;
    if (quotaClass === 'heavy') use.chat += row.sums.requests;
  }
  return uses;
}
