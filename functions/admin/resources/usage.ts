import type { UsageFileQuery, UsageLogRow, UsageLogsQuery } from '@sluice/contract/usage';
import { sumRows } from '@sluice/core/metering/usage-totals';
import type { LogPage } from '@sluice/core/metering/usage-log';
import { csvLine, type CsvValue } from '@sluice/kit/text/csv';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { logQuestionOf, readPage, viewEvents, type LogQuestion } from './usage-page.ts';
import { createUsageReader } from './usage-reader.ts';

export async function listUsageLogs(
  services: AdminServices,
  call: Call<undefined, UsageLogsQuery, Caller>,
): Promise<Answer> {
  const { query, caller } = call;
  const question = await logQuestionOf(services, caller, query);
  const { limit, offset, cursor = null } = query;
  const page = await readPage(services, question, { limit, offset, cursor });
  const logs = await viewEvents(services, page.events, caller);
  if (query.format === 'csv') return fileOf(logs.map(csvRow).join(''), page.nextCursor);
  const count = cursor === null ? await countOf(services, question, { offset, page }) : null;
  return success({
    logs,
    pagination: {
      limit,
      offset,
      total: count?.total ?? null,
      total_is_exact: count?.isExact ?? false,
      next_cursor: page.nextCursor,
    },
  });
}

/** So many rows are read and written at a time. */
const ROWS_AT_ONCE = 500;

/** The same rows as a file for a spreadsheet, many at once. */
export async function exportUsageLogs(
  services: AdminServices,
  call: Call<undefined, UsageFileQuery, Caller>,
): Promise<Answer> {
  const { query, caller } = call;
  const question = await logQuestionOf(services, caller, query);
  let cursor = query.cursor ?? null;
  let [count, text] = [0, ''];
  do {
    const limit = Math.min(ROWS_AT_ONCE, query.limit - count);
    const page: LogPage = await readPage(services, question, { limit, offset: 0, cursor });
    for (const row of await viewEvents(services, page.events, caller)) text += csvRow(row);
    count += page.events.length;
    cursor = page.nextCursor;
  } while (cursor !== null && count < query.limit);
  return fileOf(text, cursor);
}

function fileOf(rows: string, nextCursor: string | null): Answer {
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="usage.csv"',
    // What is missing is never missing in silence.
    ...(nextCursor !== null && {
      'x-next-cursor': nextCursor,
      'x-sluice-warnings': 'more rows follow: ask again with the cursor of x-next-cursor',
    }),
  };
  return { headers, text: csvLine(Object.keys(CSV_COLUMNS)) + rows };
}

function csvRow(row: UsageLogRow): string {
  return csvLine(Object.values(CSV_COLUMNS).map((column) => column(row)));
}

const CSV_COLUMNS: Readonly<Record<string, (row: UsageLogRow) => CsvValue>> = {
  created_at: (row) => row.created_at,
  request_id: (row) => row.request_id,
  user_id: (row) => row.user_id,
  key_id: (row) => row.key_id,
  key_name: (row) => row.key_name,
  model: (row) => row.model,
  served_model: (row) => row.served_model,
  config_type: (row) => row.config_type,
  client_app: (row) => row.client_app,
  stream: (row) => row.stream,
  success: (row) => row.success,
  status: (row) => row.status,
  error: (row) => row.error,
  source: (row) => row.source,
  input_tokens: (row) => row.input_tokens,
  cached_tokens: (row) => row.parts.cache_read,
  output_tokens: (row) => row.output_tokens,
  reasoning_tokens: (row) => row.parts.reasoning,
  total_tokens: (row) => row.total_tokens,
  cost_micros: (row) => row.cost_micros,
  price_version: (row) => row.price_version,
  first_byte_ms: (row) => row.first_byte_ms,
  duration_ms: (row) => row.duration_ms,
  upstream: (row) => row.upstream,
  credential: (row) => row.credential,
};

/**
 * How many requests the filter lets through; null where nobody knows. A page that shows the end tells it exactly; else
 * the kept sums do, as of the last run of the roll-up job, so that no event is read to be counted.
 */
async function countOf(
  services: AdminServices,
  { scope, filter, requestId }: LogQuestion,
  { offset, page }: { offset: number; page: LogPage },
): Promise<{ total: number | null; isExact: boolean }> {
  const shown = offset + page.events.length;
  // An offset behind the end says nothing of where the end is.
  if (page.nextCursor === null && (page.events.length > 0 || offset === 0)) return { total: shown, isExact: true };
  if (requestId !== null) return { total: null, isExact: false };
  const { success: wanted, range, now: _now, ...others } = filter;
  const reader = createUsageReader(services, { scope, range, filter: others });
  if (!reader.isSummed) return { total: null, isExact: false };
  const reading = await reader.whole({ mostEvents: 0 });
  const { requests, succeeded } = sumRows(reading.rows);
  const total = wanted === undefined ? requests : wanted ? succeeded : requests - succeeded;
  const least = page.nextCursor === null ? 0 : shown + 1;
  return { total: Math.max(total, least), isExact: reading.isComplete };
}
