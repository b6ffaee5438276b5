import { logRangeOf } from './period.ts';
import type { UsageSearch } from './usage-search.ts';

/** What the API is asked of the log, as its parameters are called. */
export interface LogsQuestion {
  [parameter: string]: string | number | boolean | undefined;
  scope: 'all' | 'own';
}

/** The same question for the list and for the file, so that the file holds what the list shows. */
export function logQuestionOf(
  search: UsageSearch,
  { scope, now }: { scope: 'all' | 'own'; now: number },
): LogsQuestion {
  const { status } = search;
  const range = logRangeOf(search, now);
  const isOutcome = status === 'success' || status === 'failed';
  return withoutAbsent({
    scope,
    model_name: search.model,
    key: search.key,
    user: search.user,
    upstream: search.upstream,
    credential: search.credential,
    client_app: search.app,
    config_type: search.format,
    start_date: range.from,
    end_date: range.to,
    success: isOutcome ? status === 'success' : undefined,
    status: isOutcome ? undefined : status,
    error: search.error,
    stream: search.stream,
    min_duration_ms: search.slow,
  });
}

function withoutAbsent(question: LogsQuestion): LogsQuestion {
  const given = Object.entries(question).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), scope: question.scope };
}
