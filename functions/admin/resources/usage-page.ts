import type { UsageLogRow, UsageLogsQuery } from '@sluice/contract/usage';
import { roleHas } from '@sluice/core/identity/permissions';
import type { UsageEvent } from '@sluice/core/metering/store';
import { passes, readLogPage, type LogPage, type UsageFilter, type UsageScope } from '@sluice/core/metering/usage-log';
import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import type { Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { usageFilterOf, usageRangeOf, usageScopeOf } from './usage-scope.ts';
import { viewUsageEvent } from './view-usage-event.ts';

const DAY_MS = 24 * 3600_000;

export interface LogQuestion {
  scope: UsageScope;
  filter: UsageFilter;
  requestId: string | null;
}

type LogQuery = Omit<UsageLogsQuery, 'limit' | 'offset' | 'cursor' | 'format'>;

export async function logQuestionOf(services: AdminServices, caller: Caller, query: LogQuery): Promise<LogQuestion> {
  const scope = await usageScopeOf(services, caller.user, query);
  const now = services.clock();
  const { usageLogDays } = await services.catalog.readSettings();
  const range = usageRangeOf(query, now);
  // Of what is older, only sums are left.
  const kept = { ...range, from: Math.max(range.from, now - (usageLogDays + 1) * DAY_MS) };
  return { scope, filter: { ...usageFilterOf(query), range: kept, now }, requestId: query.request_id ?? null };
}

export async function readPage(
  services: AdminServices,
  { scope, filter, requestId }: LogQuestion,
  page: { limit: number; offset: number; cursor: string | null },
): Promise<LogPage> {
  if (requestId === null) return readLogPage({ ...services.rollUps, ...services.usage }, scope, filter, page);
  const event = await services.usage.findEvent(requestId);
  const at = timeOfRequestId(requestId) ?? 0;
  const isWanted =
    event?.closing &&
    at >= filter.range.from &&
    at < filter.range.to &&
    passes(event, filter, scope) &&
    page.offset === 0;
  return { events: isWanted ? [event] : [], nextCursor: null };
}

export async function viewEvents(
  services: AdminServices,
  events: readonly UsageEvent[],
  caller: Caller,
): Promise<UsageLogRow[]> {
  const names = await namesOfKeys(services, events);
  const showsRouting = roleHas(caller.user.role, 'usage:any');
  return events.flatMap((event) => viewUsageEvent(event, { keyName: names.get(event.keyId) ?? null, showsRouting }));
}

async function namesOfKeys(services: AdminServices, events: readonly UsageEvent[]): Promise<Map<string, string>> {
  const keyIds = [...new Set(events.map((event) => event.keyId))].filter((keyId) => keyId !== '');
  const keys = await Promise.all(keyIds.map((keyId) => services.identity.findKeyById(keyId)));
  return new Map(keys.flatMap((key) => (key ? [[key.id, key.name] as const] : [])));
}
