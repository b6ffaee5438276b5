import { z } from 'zod';
import { successOf } from './envelopes.ts';
import { keyLimits } from './keys.ts';
import { credentialState } from './credentials.ts';
import { displayName, upstreamName } from './names.ts';

/** The older contract writes 0 and 1; booleans are read too. */
export const flag = z
  .union([z.literal(0), z.literal(1), z.boolean()])
  .transform((value) => (Number(value) === 1 ? 1 : 0));
const shownFlag = z.union([z.literal(0), z.literal(1)]);
const instant = z.iso.datetime();

/** Where users may bring credentials of their own, and whether the one who asks may. */
export const placesAnswer = successOf(
  z.object({
    may_bring: z.boolean(),
    reason: z.string().nullable().meta({ description: 'Why not, in a sentence.' }),
    upstreams: z.array(
      z.object({
        name: upstreamName,
        sign_in: z.boolean().meta({ description: 'Whether one signs in there in place of giving a key.' }),
        models: z.array(z.string()).meta({ description: 'Public models that a credential of it serves.' }),
      }),
    ),
  }),
);

export const createAccountInput = z.strictObject({
  upstream: upstreamName.meta({
    description: 'One that operators have set up. Users name neither addresses nor proxies.',
  }),
  name: displayName,
  api_key: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[!-~]+$/, 'Expected visible ASCII characters without spaces')
    .meta({ description: 'Write only: sealed to the vault at once, never shown again.', writeOnly: true }),
  is_shared: flag.default(0),
  limits: keyLimits.optional().meta({
    description: 'What may be asked of it. What remains of it is the share of the days and months here that is left.',
  }),
});
export const accountStatusInput = z.strictObject({ status: flag });
export const accountNameInput = z.strictObject({ name: displayName });
export const accountTypeInput = z.strictObject({ is_shared: flag });
export const preferenceInput = z.strictObject({ prefer_shared: flag });

const account = z.object({
  id: z.string(),
  account_id: z.string(),
  user_id: z.string(),
  upstream: z.string(),
  name: z.string(),
  kind: z.string(),
  is_shared: shownFlag,
  status: shownFlag.meta({ description: 'By its owner: 1 = in use.' }),
  disabled_by_operator: z.boolean(),
  exhausted: z.boolean().meta({ description: 'Nothing remains for any of its models.' }),
  state: credentialState,
  email: z.string().nullable().meta({ description: 'Of whoever signed in, as far as the server told it.' }),
  need_refresh: z.boolean().meta({ description: 'It has to be signed in anew.' }),
  expires_at: z.number().nullable().meta({ description: 'Of the access token, epoch milliseconds.' }),
  models: z.array(z.string()),
  counts_for_pool: z.boolean(),
  created_at: instant,
  updated_at: instant,
});
export type PluginAccount = z.infer<typeof account>;
export const accountAnswer = successOf(account).extend({ message: z.string().optional() });
export const accountsAnswer = successOf(z.array(account));

const modelQuota = z.object({
  account_id: z.string(),
  model_name: z.string(),
  quota: z.number().meta({ description: 'What remains, of one.' }),
  reset_time: instant.nullable(),
  status: shownFlag.meta({ description: 'By its owner: 0 = not for this model.' }),
  exhausted: z.boolean(),
  last_fetched_at: instant,
});
export type ModelQuota = z.infer<typeof modelQuota>;
export const accountQuotasAnswer = successOf(z.array(modelQuota));
export const modelQuotaAnswer = successOf(modelQuota).extend({ message: z.string() });

export const userQuotasAnswer = successOf(
  z.array(
    z.object({
      user_id: z.string(),
      model_name: z.string(),
      quota: z.number().meta({ description: 'Four decimals. Below zero nothing that others share is open.' }),
      max_quota: z.number(),
      shared_accounts: z.number(),
      recovery_per_hour: z.number(),
      last_recovered_at: instant,
    }),
  ),
);

export const sharedPoolAnswer = successOf(
  z.object({
    quotas: z.array(
      z.object({
        model_name: z.string(),
        total_quota: z.number().meta({ description: 'Sum of what remains of all shared accounts.' }),
        earliest_reset_time: instant.nullable(),
        available_cookies: z
          .number()
          .meta({ description: 'Shared accounts with something left; the older word for them.' }),
        available_accounts: z.number(),
        status: shownFlag,
        last_fetched_at: instant,
      }),
    ),
    user_consumption: z.object({
      total_requests: z.number(),
      total_quota_consumed: z.number(),
      shared_requests: z.number(),
      shared_quota_consumed: z.number(),
      private_requests: z.number(),
      private_quota_consumed: z.number(),
    }),
  }),
);

export const consumptionQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2000).optional(),
  start_date: z.union([z.iso.datetime({ offset: true }), z.iso.date()]).optional(),
  end_date: z.union([z.iso.datetime({ offset: true }), z.iso.date()]).optional(),
});
export const consumptionAnswer = successOf(
  z.array(
    z.object({
      log_id: z.string(),
      user_id: z.string(),
      account_id: z.string(),
      model_name: z.string(),
      quota_before: z.number(),
      quota_after: z.number(),
      quota_consumed: z.number(),
      is_shared: shownFlag,
      consumed_at: instant,
    }),
  ),
).extend({ pagination: z.object({ limit: z.number(), next_cursor: z.string().nullable(), has_more: z.boolean() }) });

export const preferenceAnswer = successOf(
  z.object({ user_id: z.string(), prefer_shared: shownFlag, created_at: instant }),
).extend({ message: z.string().optional() });

export const lowQuotasQuery = z.object({ threshold: z.coerce.number().min(0).max(1).default(0.1) });
export const lowQuotasAnswer = successOf(
  z.array(
    modelQuota.extend({ upstream: z.string(), name: z.string(), user_id: z.string().nullable(), is_shared: shownFlag }),
  ),
);
