import type { UsageLogRow, usageLogsQuery } from '@sluice/contract/usage';
import { roleHas } from '@sluice/core/identity/permissions';
import { isSuccess } from '@sluice/core/metering/outcome';
import { readUsage } from '@sluice/core/metering/read-usage';
import type { UsageEvent } from '@sluice/core/metering/store';
import { readLogPage, type LogPage, type UsageFilter, type UsageScope } from '@sluice/core/metering/usage-log';
import { sumRows } from '@sluice/core/metering/usage-totals';
import { inputTokens, outputTokens, totalTokens } from '@sluice/llm/formats/usage-figures';
import type { z } from 'zod';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { memberOf, usageRangeOf, usageScopeOf, viewParts } from './usage-scope.ts';

const DAY_MS = 24 * 3600_000;

export async function listUsageLogs(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof usageLogsQuery>, Caller>,
): Promise<Answer> {
  const { query, caller } = call;
  const scope = await usageScopeOf(services, caller.user, query);
  const now = services.clock();
  const { usageLogDays } = await services.catalog.readSettings();
  const range = usageRangeOf(query, now);
  const filter: UsageFilter = {
    // Of what is older, only sums are left.
    range: { ...range, from: Math.max(range.from, now - (usageLogDays + 1) * DAY_MS) },
    now,
    model: query.model_name,
    success: query.success === undefined ? undefined : query.success === 'true',
  };
  const page = await readLogPage({ ...services.rollUps, ...services.usage }, scope, filter, {
    limit: query.limit,
    offset: query.offset,
    cursor: query.cursor ?? null,
  });
  const count =
    query.cursor === undefined ? await countOf(services, { scope, filter, offset: query.offset, page }) : null;
  const names = await namesOfKeys(services, page.events);
  const showsRouting = roleHas(caller.user.role, 'usage:any');
  return success({
    logs: page.events.flatMap((event) => viewEvent(event, names.get(event.keyId) ?? null, showsRouting)),
    pagination: {
      limit: query.limit,
      offset: query.offset,
      total: count?.total ?? null,
      total_is_exact: count?.isExact ?? false,
      next_cursor: page.nextCursor,
    },
  });
}

/**
 * How many requests the filter lets through. A page that shows the end tells it exactly; else the kept sums do, as of
 * the last run of the roll-up job, so that no event is read to be counted.
 */
async function countOf(
  services: AdminServices,
  seen: { scope: UsageScope; filter: UsageFilter; offset: number; page: LogPage },
): Promise<{ total: number; isExact: boolean }> {
  const { scope, filter, offset, page } = seen;
  const shown = offset + page.events.length;
  // An offset behind the end says nothing of where the end is.
  if (page.nextCursor === null && (page.events.length > 0 || offset === 0)) return { total: shown, isExact: true };
  const question = { ...memberOf(scope), range: filter.range, mostEvents: 0 };
  const reading = await readUsage(services, question, services.clock());
  const sums = sumRows(reading.rows.filter(({ row }) => filter.model === undefined || row.model === filter.model));
  const { requests, succeeded } = sums;
  const total = filter.success === undefined ? requests : filter.success ? succeeded : requests - succeeded;
  const least = page.nextCursor === null ? 0 : shown + 1;
  return { total: Math.max(total, least), isExact: reading.isComplete };
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
      price_version: closing.priceVersion ?? event.priceVersion,
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
