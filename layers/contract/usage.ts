import { z } from 'zod';

const instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'Expected a date (2026-01-31) or an instant (2026-01-31T12:00:00Z)',
});

const range = {
  start_date: instant.optional().meta({ description: 'A date begins at 00:00 UTC.' }),
  end_date: instant.optional().meta({ description: 'Exclusive; a date includes its whole day (UTC).' }),
  scope: z.enum(['own', 'all']).default('own').meta({ description: 'all: every user, for administrators.' }),
  key_id: z.string().max(100).optional(),
  model_name: z.string().max(200).optional(),
};

export const usageStatsQuery = z.object({
  ...range,
  group_by: z.enum(['user', 'key', 'credential']).optional().meta({
    description: 'Sums by each user or credential (administrators), or by each key.',
  }),
  series: z.enum(['day', 'hour']).optional().meta({
    description: 'Sums by day or hour of the configured time zone; hours of the last 31 days of the range.',
  }),
});

export const usageLogsQuery = z.object({
  ...range,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
  cursor: z
    .string()
    .regex(/^[0-9a-hjkmnp-tv-z]{16}$/, 'Expected the next_cursor of an earlier page')
    .optional(),
  success: z.enum(['true', 'false']).optional(),
});

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

const usageLogRow = z.object({
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
  stream: z.boolean(),
  status: z.number(),
  status_code: z.number(),
  success: z.boolean(),
  error: z.string().nullable(),
  parts: usageParts,
  input_tokens: z.number(),
  output_tokens: z.number(),
  total_tokens: z.number(),
  cost_micros: z.number(),
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

const usageSums = {
  requests: z.number(),
  success_requests: z.number(),
  total_tokens: z.number(),
  cost_micros: z.number(),
};

export const usageStats = z.object({
  total_requests: z.number(),
  success_requests: z.number(),
  failed_requests: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cached_tokens: z.number(),
  total_tokens: z.number(),
  cost_micros: z.number(),
  avg_duration_ms: z.number(),
  parts: usageParts,
  by_model: z.array(
    z.object({ model: z.string(), requests: z.number(), total_tokens: z.number(), cost_micros: z.number() }),
  ),
  groups: z
    .array(z.object({ id: z.string(), ...usageSums }))
    .optional()
    .meta({
      description: 'With group_by: by id of the user or key, or by upstream/credential; most requests first.',
    }),
  series: z
    .array(z.object({ start: z.iso.datetime(), ...usageSums }))
    .optional()
    .meta({
      description: 'With series: oldest first, without those in which nothing was used.',
    }),
  up_to_date: z.boolean().meta({
    description: 'False: under heavy load, requests of the last minutes may show a few minutes late.',
  }),
});
export type UsageStats = z.infer<typeof usageStats>;
