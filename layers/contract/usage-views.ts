import { z } from 'zod';
import { usageLogRow, usageSums } from './usage.ts';
import { userPlanView } from './plans.ts';
import { userView } from './users.ts';

/** `24h`, `7d`: so many hours or days up to now, the running one included. */
const timeRange = z
  .string()
  .regex(/^(?:[1-9]\d{0,2}h|[1-9]\d{0,2}d)$/, 'Expected hours or days, e.g. 24h, 7d, 30d')
  .refine((text) => !text.endsWith('d') || Number.parseInt(text, 10) <= 366, 'At most 366 days');

const whose = {
  scope: z.enum(['own', 'all']).default('own').meta({ description: 'all: every user, for administrators.' }),
  user: z
    .string()
    .min(1)
    .max(320)
    .optional()
    .meta({ description: 'Id, name or e-mail of a user, for administrators.' }),
};

export const usageViewQuery = z.object({ ...whose, timeRange: timeRange.default('7d') });
export type UsageViewQuery = z.infer<typeof usageViewQuery>;
export const whoseQuery = z.object(whose);
export type WhoseQuery = z.infer<typeof whoseQuery>;

const named = z.object({ id: z.string(), name: z.string().nullable(), ...usageSums });
const ofModel = z.object({ model: z.string(), ...usageSums });
const ofDay = z.object({ date: z.iso.date(), start: z.iso.datetime(), ...usageSums });
const sums = z.object(usageSums);

export const usageSummary = z.object({
  today: sums,
  last_7_days: sums,
  last_30_days: sums,
  lifetime: sums.meta({ description: 'Outlives the log.' }),
  top_models: z.array(ofModel).meta({ description: 'Of the last 30 days, dearest first.' }),
  up_to_date: z.boolean(),
});

const boundLimit = z.object({
  owner: z.enum(['key', 'user', 'plan', 'credential']),
  key: z.string().nullable(),
  label: z.string(),
  limit: z.number(),
  used: z.number().meta({ description: 'Held amounts included.' }),
  remaining: z.number(),
  resets_at: z.iso.datetime().nullable(),
});

const tokenQuota = z
  .object({
    source: z.enum(['plan', 'role']),
    limit: z.number(),
    used: z.number(),
    remaining: z.number(),
    resets_at: z.iso.datetime().nullable(),
  })
  .nullable()
  .meta({ description: 'Tokens of the plan in force, else of the role; null: unlimited.' });

export const usageQuotas = z.object({
  quota: tokenQuota,
  plan: userPlanView.nullable(),
  limits: z.array(boundLimit),
});
export type UsageQuotas = z.infer<typeof usageQuotas>;

export const usageConsumption = z.object({
  period: z.string(),
  total: sums,
  by_day: z.array(ofDay).meta({ description: 'Every day of the period, oldest first.' }),
  by_model: z.array(ofModel),
  by_key: z.array(named),
  up_to_date: z.boolean(),
});

export const usageAccounts = z.object({
  period: z.string(),
  accounts: z.array(named).meta({ description: 'Upstream accounts, as upstream/credential; for administrators.' }),
});

const point = { requests: z.number(), tokens: z.number(), cost: z.number().meta({ description: 'Dollars.' }) };

const userUsageData = z.object({
  usage: z.object({
    period: z.string(),
    totalRequests: z.number(),
    totalTokens: z.number(),
    totalCost: z.number().meta({ description: 'Dollars.' }),
    successfulRequests: z.number(),
    failedRequests: z.number(),
    averageResponseTime: z.number().nullable().meta({ description: 'Milliseconds; null: no request.' }),
    successRate: z.number().nullable().meta({ description: '0 to 1; null: no request.' }),
    topModels: z.array(z.object({ model: z.string(), ...point })),
    dailyUsage: z.array(z.object({ date: z.iso.date(), ...point })),
    hourlyUsage: z.array(z.object({ hour: z.iso.datetime(), ...point })).meta({ description: 'The last 24 hours.' }),
  }),
  quota: tokenQuota,
  limits: z.array(boundLimit),
  plan: userPlanView.nullable(),
  history: z.array(usageLogRow).meta({ description: 'The last requests of the period, at most 100.' }),
});
export const userUsageAnswer = userUsageData.extend({ success: z.literal(true), data: userUsageData });
export type UserUsage = z.infer<typeof userUsageData>;

export const userDashboard = z.object({
  user: userView,
  usage: usageSummary,
  quota: tokenQuota,
  limits: z.array(boundLimit),
  plan: userPlanView.nullable(),
  keys: z.object({ total: z.number(), enabled: z.number() }),
  recent: z.array(usageLogRow).meta({ description: 'The last requests, at most 10.' }),
});

export const totalsQuery = z.object({ ...whose, timeRange: timeRange.default('30d') });
export type TotalsQuery = z.infer<typeof totalsQuery>;

export const usageTotals = z.object({
  requests: z.number(),
  tokens: z.number(),
  errors: z.number(),
  cost: z.number(),
  period: z.string().meta({ description: 'Of what follows; the totals before it are of all time.' }),
  by_key: z.array(named),
  by_model: z.array(ofModel),
  by_day: z.array(ofDay),
  accounts: z
    .object({ total: z.number(), enabled: z.number() })
    .nullable()
    .meta({ description: 'Upstream credentials; null for those who may not know.' }),
  workers: z.null().meta({ description: 'There are none: functions start as they are needed.' }),
});
