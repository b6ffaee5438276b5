import type { UsageLogRow, usageLogsQuery, UsageStats, usageStatsQuery } from '@sluice/contract/usage';
import { roleHas } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import type { UsageEvent, UsageParts } from '@sluice/core/metering/store';
import { isSuccess, readLogPage, type TimeRange, type UsageScope } from '@sluice/core/metering/usage-log';
import { inputTokens, outputTokens, sumUsage, totalTokens } from '@sluice/core/metering/usage-totals';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

/** A log is counted so far and no further; beyond, the total says "at least". */
const MAX_COUNT = 10_000;
const DAY_MS = 24 * 3600_000;

export async function showUsageStats(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof usageStatsQuery>, Caller>,
): Promise<Answer> {
  const scope = await scopeOf(services, call.caller.user, call.query);
  const totals = await sumUsage(services.usage, scope, {
    range: rangeOf(call.query, services.clock()),
    model: call.query.model_name,
  });
  const { requests, succeeded, parts, durationMs } = totals;
  return success({
    total_requests: requests,
    success_requests: succeeded,
    failed_requests: requests - succeeded,
    input_tokens: inputTokens(parts),
    output_tokens: outputTokens(parts),
    cached_tokens: parts.cacheRead,
    total_tokens: totalTokens(parts),
    cost_micros: totals.costMicros,
    avg_duration_ms: requests === 0 ? 0 : Math.round(durationMs / requests),
    parts: viewParts(parts),
    by_model: [...totals.byModel]
      .map(([model, sums]) => ({
        model,
        requests: sums.requests,
        total_tokens: sums.totalTokens,
        cost_micros: sums.costMicros,
      }))
      .toSorted((left, right) => right.requests - left.requests),
  } satisfies UsageStats);
}

export async function listUsageLogs(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof usageLogsQuery>, Caller>,
): Promise<Answer> {
  const { query, caller } = call;
  const scope = await scopeOf(services, caller.user, query);
  const page = await readLogPage(
    services.usage,
    scope,
    {
      range: rangeOf(query, services.clock()),
      model: query.model_name,
      success: query.success === undefined ? undefined : query.success === 'true',
    },
    { limit: query.limit, offset: query.offset, cursor: query.cursor ?? null, maxCount: MAX_COUNT },
  );
  const names = await namesOfKeys(services, page.events);
  const showsRouting = roleHas(caller.user.role, 'usage:any');
  return success({
    logs: page.events.flatMap((event) => viewEvent(event, names.get(event.keyId) ?? null, showsRouting)),
    pagination: {
      limit: query.limit,
      offset: query.offset,
      total: page.total,
      total_is_exact: page.totalIsExact,
      next_cursor: page.nextCursor,
    },
  });
}

async function scopeOf(
  services: AdminServices,
  user: User,
  query: { scope: 'own' | 'all'; key_id?: string | undefined },
): Promise<UsageScope> {
  const seesAll = roleHas(user.role, 'usage:any');
  if (query.scope === 'all' && !seesAll) {
    throw new GatewayError('forbidden', { message: 'Your role sees your own usage only.' });
  }
  if (query.key_id !== undefined) {
    const key = await services.identity.findKeyById(query.key_id);
    if (!seesAll && key?.ownerId !== user.id) throw notFound('key of this id');
    return { kind: 'key', keyId: query.key_id, userId: seesAll ? null : user.id };
  }
  if (query.scope === 'own') return { kind: 'user', userId: user.id };
  return { kind: 'users', userIds: await allUserIds(services) };
}

async function allUserIds(services: AdminServices): Promise<string[]> {
  const userIds: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof services.identity.listUsers>> = await services.identity.listUsers({
      limit: 100,
      cursor,
    });
    userIds.push(...page.items.map((user) => user.id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return userIds;
}

/** A date names its whole day (UTC); an instant as an end is exclusive. */
function rangeOf(query: { start_date?: string | undefined; end_date?: string | undefined }, now: number): TimeRange {
  const from = query.start_date === undefined ? 0 : Math.max(0, Date.parse(query.start_date));
  if (query.end_date === undefined) return { from, to: now + DAY_MS };
  const isDate = !query.end_date.includes('T');
  return { from, to: Date.parse(query.end_date) + (isDate ? DAY_MS : 0) };
}

async function namesOfKeys(services: AdminServices, events: readonly UsageEvent[]): Promise<Map<string, string>> {
  const keyIds = [...new Set(events.map((event) => event.keyId))];
  const keys = await Promise.all(keyIds.map((keyId) => services.identity.findKeyById(keyId)));
  return new Map(keys.flatMap((key) => (key ? [[key.id, key.name] as const] : [])));
}

function viewEvent(event: UsageEvent, keyName: string | null, showsRouting: boolean): UsageLogRow[] {
  const { closing } = event;
  if (!closing) return [];
  const { parts } = closing;
  return [
    {
      request_id: event.requestId,
      client_request_id: event.clientRequestId,
      source: closing.source,
      user_id: event.userId,
      key_id: event.keyId,
      key_name: keyName,
      model: event.model,
      model_name: event.model,
      served_model: closing.servedModel,
      format: event.format,
      stream: event.stream,
      status: closing.status,
      status_code: closing.status,
      success: isSuccess(event),
      error: closing.error,
      parts: viewParts(parts),
      input_tokens: inputTokens(parts),
      output_tokens: outputTokens(parts),
      total_tokens: totalTokens(parts),
      cost_micros: closing.costMicros,
      price_version: event.priceVersion,
      first_byte_ms: closing.firstByteMs,
      duration_ms: closing.durationMs,
      client_app: event.clientApp,
      warnings: closing.warnings,
      upstream: showsRouting ? closing.upstream : null,
      credential: showsRouting ? closing.credential : null,
      attempts: showsRouting ? closing.attempts.map(viewAttempt) : [],
      created_at: new Date(event.startedAt).toISOString(),
    },
  ];
}

function viewAttempt({ durationMs, ...attempt }: NonNullable<UsageEvent['closing']>['attempts'][number]) {
  return { ...attempt, duration_ms: durationMs };
}

function viewParts(parts: UsageParts) {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, images, audio } = parts;
  return {
    input,
    cache_read: cacheRead,
    cache_write_5m: cacheWrite5m,
    cache_write_1h: cacheWrite1h,
    output,
    reasoning,
    images,
    audio,
  };
}
