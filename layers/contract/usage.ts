import { z } from 'zod';

const instant = z.union([z.iso.datetime({ offset: true, local: true }), z.iso.date()], {
  error: 'Expected a date (2026-01-31) or an instant (2026-01-31T12:00:00Z)',
});

const range = {
  start_date: instant
    .optional()
    .meta({ description: 'A date begins at 00:00 UTC; without a zone, an instant is UTC.' }),
  end_date: instant.optional().meta({ description: 'Exclusive; a date includes its whole day (UTC).' }),
};

/** What a question may be narrowed to. */
const filters = {
  ...range,
  scope: z.enum(['own', 'all']).default('own').meta({ description: 'all: every user, for administrators.' }),
  user: z
    .string()
    .min(1)
    .max(320)
    .optional()
    .meta({ description: 'Id, name or e-mail of a user, for administrators.' }),
  key_id: z.string().min(1).max(100).optional(),
  key: z.string().min(1).max(100).optional().meta({ description: 'The same as key_id.' }),
  model_name: z.string().min(1).max(200).optional(),
  success: z.enum(['true', 'false']).optional(),
  client_app: z.string().max(64).optional().meta({ description: "The client's program, as the rows name it." }),
  config_type: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: "The client's wire format, e.g. openai-chat." }),
  upstream: z.string().min(1).max(63).optional().meta({ description: 'For administrators.' }),
  credential: z
    .string()
    .regex(/^[^/]+\/.+$/, 'Expected <upstream>/<credential>')
    .max(200)
    .optional()
    .meta({ description: 'As upstream/credential, for administrators.' }),
};

export const usageStatsQuery = z.object({
  ...filters,
  group_by: z.enum(['user', 'key', 'model', 'credential', 'upstream', 'client_app', 'config_type']).optional().meta({
    description: 'Sums by each of these; by user, credential and upstream for administrators.',
  }),
  sort: z.enum(['requests', 'cost', 'tokens']).default('requests').meta({ description: 'Of groups, most first.' }),
  top: z.coerce.number().int().min(1).max(1000).optional().meta({ description: 'So many groups at most.' }),
  series: z.enum(['day', 'hour']).optional().meta({
    description:
      'Sums by day or hour of the configured time zone; hours of the last 31 days of the range. With group_by also of each of the first 10 groups.',
  }),
});
export type UsageStatsQuery = z.infer<typeof usageStatsQuery>;

const requestId = z.string().regex(/^[0-9a-hjkmnp-tv-z]{16}$/, 'Expected a request id of this gateway');

/** Rows of a file. */
const MOST_ROWS_OF_FILE = 10_000;

const logFilters = {
  ...filters,
  request_id: requestId.optional(),
  status: z
    .string()
    .regex(/^[1-5](?:\d\d|xx)$/, 'Expected a status (429) or a class of them (5xx)')
    .optional()
    .meta({ description: 'What the client was answered, as 429 or 5xx.' }),
  error: z.string().min(1).max(64).optional().meta({ description: 'Code of the error, e.g. upstream_timeout.' }),
  stream: z.enum(['true', 'false']).optional(),
  min_duration_ms: z.coerce.number().int().min(0).max(86_400_000).optional().meta({
    description: 'Requests that took so long or longer.',
  }),
};
const logCursor = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{16}$/, 'Expected the next_cursor of an earlier page')
  .optional();

export const usageLogsQuery = z.object({
  ...logFilters,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
  cursor: logCursor,
  format: z.enum(['json', 'csv']).default('json').meta({
    description: 'csv: as /api/usage/logs.csv, with the rows of this page.',
  }),
});
export type UsageLogsQuery = z.infer<typeof usageLogsQuery>;

export const usageFileQuery = z.object({
  ...logFilters,
  limit: z.coerce.number().int().min(1).max(MOST_ROWS_OF_FILE).default(MOST_ROWS_OF_FILE),
  cursor: logCursor,
});
export type UsageFileQuery = z.infer<typeof usageFileQuery>;

const usageParts = z.object({
  input: z.number(),
  cache_read: z.number(),
  cache_write_5m: z.number(),
  cache_write_1h: z.number(),
  output: z.number(),
  reasoning: z.number(),
  images: z.number().meta({ description: 'Images made, by the piece.' }),
  audio: z.number().meta({ description: 'Audio tokens of requests from before their direction was recorded.' }),
  audio_input: z.number(),
  audio_output: z.number(),
  image_input: z.number(),
  image_output: z.number(),
  video_seconds: z.number(),
  web_searches: z.number(),
});

const attempt = z.object({
  upstream: z.string(),
  credential: z.string(),
  status: z.number(),
  error: z.string().nullable(),
  duration_ms: z.number(),
});

export const usageLogRow = z.object({
  request_id: z.string(),
  client_request_id: z.string().nullable(),
  source: z.enum(['reported', 'partial', 'estimated', 'abandoned', 'void']),
  user_id: z.string(),
  key_id: z.string(),
  key_name: z.string().nullable().meta({ description: 'Null when the key is gone.' }),
  model: z.string(),
  model_name: z.string(),
  served_model: z.string().nullable(),
  format: z.string(),
  config_type: z.string().meta({ description: 'The same as format.' }),
  method: z.literal('POST'),
  endpoint: z.string().nullable().meta({ description: "The usual path of the client's wire format." }),
  stream: z.boolean(),
  status: z.number(),
  status_code: z.number(),
  success: z.boolean(),
  error: z.string().nullable(),
  error_message: z.string().nullable().meta({ description: 'The code of the error, in words.' }),
  parts: usageParts,
  input_tokens: z.number(),
  output_tokens: z.number(),
  total_tokens: z.number(),
  prompt_tokens: z.number().meta({ description: 'The same as input_tokens.' }),
  completion_tokens: z.number().meta({ description: 'The same as output_tokens.' }),
  cost_micros: z.number(),
  cost: z.number().meta({ description: 'The same in dollars.' }),
  quota_consumed: z.number().nullable().meta({ description: 'Of a shared pool; null where none was used.' }),
  price_version: z.number().nullable(),
  first_byte_ms: z.number().nullable(),
  duration_ms: z.number(),
  client_app: z.string().nullable(),
  warnings: z.array(z.string()),
  upstream: z.string().nullable().meta({ description: 'For administrators; null for others.' }),
  credential: z.string().nullable().meta({ description: 'For administrators; null for others.' }),
  attempts: z.array(attempt).meta({ description: 'For administrators; empty for others.' }),
  created_at: z.iso.datetime(),
});
export type UsageLogRow = z.infer<typeof usageLogRow>;

export const usageLogs = z.object({
  logs: z.array(usageLogRow),
  pagination: z.object({
    limit: z.number(),
    offset: z.number(),
    total: z.number().nullable().meta({ description: 'Matching rows; null when a cursor was given.' }),
    total_is_exact: z
      .boolean()
      .meta({ description: 'False: at least so many, by the sums of the last run of roll-up-usage.' }),
    next_cursor: z.string().nullable(),
  }),
});

export const usageSums = {
  requests: z.number(),
  success_requests: z.number(),
  failed_requests: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cached_tokens: z.number(),
  total_tokens: z.number(),
  cost_micros: z.number(),
  cost: z.number().meta({ description: 'The same in dollars.' }),
  avg_duration_ms: z.number().meta({ description: '0 where there was no request.' }),
};
const seriesPoint = z.object({ start: z.iso.datetime(), ...usageSums });

export const usageStats = z.object({
  total_requests: z.number(),
  success_requests: z.number(),
  failed_requests: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cached_tokens: z.number(),
  total_tokens: z.number(),
  cost_micros: z.number(),
  total_cost: z.number().meta({ description: 'The same in dollars.' }),
  total_quota_consumed: z.number().nullable().meta({ description: 'Of a shared pool; null where none was used.' }),
  avg_duration_ms: z.number(),
  parts: usageParts,
  by_model: z.array(
    z.object({ model: z.string(), requests: z.number(), total_tokens: z.number(), cost_micros: z.number() }),
  ),
  by_config_type: z
    .array(z.object({ config_type: z.string(), ...usageSums }))
    .optional()
    .meta({ description: 'With group_by=config_type: the same as groups.' }),
  groups: z
    .array(z.object({ id: z.string(), name: z.string().nullable(), ...usageSums }))
    .optional()
    .meta({
      description:
        'With group_by: by id of the user or key, by upstream/credential, by name; most requests first. Own deleted keys have the id "".',
    }),
  series: z.array(seriesPoint).optional().meta({
    description: 'With series: oldest first, without those in which nothing was used.',
  }),
  group_series: z
    .array(z.object({ id: z.string(), points: z.array(seriesPoint) }))
    .optional()
    .meta({ description: 'With group_by and series: of each of the first 10 groups, as series.' }),
  up_to_date: z.boolean().meta({
    description:
      'False: under heavy load, requests of the last minutes may show a few minutes late; with filters that no sums are kept for, only the last 5000 requests were looked at.',
  }),
});
export type UsageStats = z.infer<typeof usageStats>;
