import { NO_USAGE, type UsageEvent, type UsageParts, type UsageStore } from './store.ts';
import { isSuccess, walkUsage, type UsageFilter, type UsageScope } from './usage-log.ts';

interface UsageTotals {
  requests: number;
  succeeded: number;
  parts: UsageParts;
  costMicros: number;
  durationMs: number;
  /** By public model name. */
  byModel: Map<string, { requests: number; totalTokens: number; costMicros: number }>;
}

/**
 * The sums of a scope over a range: every event of it is read, so the work grows with the range. The one place where
 * usage is summed.
 */
export async function sumUsage(
  store: Pick<UsageStore, 'listEventsOfUser' | 'listEventsOfKey'>,
  scope: UsageScope,
  filter: UsageFilter,
): Promise<UsageTotals> {
  const totals: UsageTotals = {
    requests: 0,
    succeeded: 0,
    parts: { ...NO_USAGE },
    costMicros: 0,
    durationMs: 0,
    byModel: new Map(),
  };
  for await (const event of walkUsage(store, scope, filter)) addEvent(totals, event);
  return totals;
}

function addEvent(totals: UsageTotals, event: UsageEvent): void {
  const { closing } = event;
  if (!closing) return;
  totals.requests += 1;
  if (isSuccess(event)) totals.succeeded += 1;
  for (const part of Object.keys(totals.parts) as (keyof UsageParts)[]) totals.parts[part] += closing.parts[part];
  totals.costMicros += closing.costMicros;
  totals.durationMs += closing.durationMs;
  const ofModel = totals.byModel.get(event.model) ?? { requests: 0, totalTokens: 0, costMicros: 0 };
  ofModel.requests += 1;
  ofModel.totalTokens += totalTokens(closing.parts);
  ofModel.costMicros += closing.costMicros;
  totals.byModel.set(event.model, ofModel);
}

export function inputTokens(parts: UsageParts): number {
  return parts.input + parts.cacheRead + parts.cacheWrite5m + parts.cacheWrite1h;
}

export function outputTokens(parts: UsageParts): number {
  return parts.output + parts.reasoning;
}

/** Audio counts here only: its direction is not recorded. */
export function totalTokens(parts: UsageParts): number {
  return inputTokens(parts) + outputTokens(parts) + parts.audio;
}
