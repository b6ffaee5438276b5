import { z } from 'zod';
import { mediaTotals } from './media.ts';

export const systemStatsQuery = z.object({ period: z.enum(['7d', '30d', '90d']).default('30d') });
export type SystemStatsQuery = z.infer<typeof systemStatsQuery>;

const usageOfDay = {
  active_users: z.number().meta({ description: 'Users with at least one request.' }),
  total_requests: z.number(),
  failed_requests: z.number(),
  total_tokens: z.number(),
  total_cost: z.number().meta({ description: 'Dollars.' }),
};

export const systemStats = z.object({
  period: z.string(),
  stats: z
    .array(
      z.object({
        date: z.iso.date(),
        total_users: z.number().nullable().meta({ description: 'Of those that exist now; null: too many to count.' }),
        ...usageOfDay,
      }),
    )
    .meta({ description: 'One row a day, oldest first.' }),
  totals: z.object({ total_users: z.number().nullable(), ...usageOfDay }),
  up_to_date: z.boolean(),
});

export const requestMetrics = z.object({
  success: z.literal(true),
  tokens: z.object({
    total: z.number(),
    active: z.number(),
    cooling: z.number(),
    expired: z.number(),
    disabled: z.number(),
    chat_quota: z.null().meta({ description: 'Vendors of API keys tell no quota.' }),
    image_quota: z.null(),
    total_calls: z.number().meta({ description: 'Of all time.' }),
  }),
  cache: mediaTotals,
  request_stats: z.object({
    summary: z.object({
      total: z.number(),
      success: z.number(),
      failed: z.number(),
      success_rate: z.number().nullable().meta({ description: '0 to 1, of 24 hours; null: no request.' }),
    }),
    hourly: z.array(z.object({ hour: z.iso.datetime(), success: z.number(), failed: z.number() })),
    daily: z.array(z.object({ date: z.iso.date(), success: z.number(), failed: z.number() })),
    models: z.array(z.object({ model: z.string(), count: z.number() })).meta({ description: 'Of 7 days, at most 8.' }),
  }),
});

export const logFiles = z.object({
  success: z.literal(true),
  files: z.array(z.object({ name: z.string(), date: z.iso.date(), lines: z.number() })),
});

export const logTailQuery = z.object({
  lines: z.coerce.number().int().min(50).max(5000).default(200),
  file: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(?:\.log)?$/, 'Expected the name of a file, e.g. 2026-01-31.log')
    .optional(),
});
export type LogTailQuery = z.infer<typeof logTailQuery>;

export const logTail = z.object({
  success: z.literal(true),
  file: z.string().nullable(),
  lines: z.array(z.string()).meta({ description: 'time | status | model | ip | key | error; oldest first.' }),
});
