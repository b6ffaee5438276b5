import { z } from 'zod';
import { displayName, modelName } from './names.ts';

const limit = z.int().min(-1).max(1_000_000_000_000);

/** −1 = unlimited, 0 = blocked. */
export const keyLimits = z.strictObject({
  requestsPerMinute: limit.optional(),
  tokensPerDay: limit.optional(),
  perDay: z
    .strictObject({
      chat: limit.optional(),
      heavy: limit.optional(),
      image: limit.optional(),
      video: limit.optional(),
    })
    .optional(),
  budgetMicrosPerMonth: z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().optional(),
  maxConcurrent: limit.optional(),
});

/** An instant as ISO 8601 text with a zone; null = never. Read into milliseconds since the epoch. */
const expiry = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .nullable();

const allowedModels = z.array(modelName).max(500).meta({ description: 'Public model names; * for all.' });

/** How a chosen key must look; uniqueness and checksum are checked against what is stored. */
const chosenKeySecret = z
  .string()
  .min(32, 'A chosen key needs at least 32 characters')
  .max(512)
  .regex(/^[!-~]+$/, 'Expected visible ASCII characters without spaces')
  .meta({ writeOnly: true });

/** A key in the configuration document; absent fields keep what is stored. */
export const keyEntry = z.strictObject({
  name: displayName,
  owner: z.string().min(1).max(320).default('admin').meta({ description: 'User name; admin = first administrator.' }),
  secret: chosenKeySecret.optional(),
  limits: keyLimits.optional(),
  models: allowedModels.optional(),
  enabled: z.boolean().optional(),
  expiresAt: expiry.optional(),
});
export type KeyEntry = z.infer<typeof keyEntry>;

/** The older contract's clients send `requests_per_minute` and `tokens_per_day`; both spellings are read. */
const limitsOfRequest = keyLimits
  .extend({ requests_per_minute: limit.optional(), tokens_per_day: limit.optional() })
  .transform(({ requests_per_minute: perMinute, tokens_per_day: perDay, ...limits }) => ({
    ...limits,
    ...(perMinute === undefined ? {} : { requestsPerMinute: perMinute }),
    ...(perDay === undefined ? {} : { tokensPerDay: perDay }),
  }));

export const createKeyInput = z.strictObject({
  name: displayName,
  key: chosenKeySecret.optional().meta({ description: 'Administrators only; generated when absent.' }),
  limits: limitsOfRequest.optional(),
  models: allowedModels.optional(),
  expires_at: expiry.optional(),
});

export const changeKeyInput = z.strictObject({
  name: displayName.optional(),
  is_active: z.boolean().optional(),
  limits: limitsOfRequest.optional(),
  models: allowedModels.optional(),
  expires_at: expiry.optional(),
});

export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  owner_id: z.string(),
  preview: z.string(),
  is_active: z.boolean(),
  models: z.array(z.string()),
  limits: keyLimits,
  expires_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().nullable(),
});

export const createdKeyView = keyView.extend({
  key: z.string().meta({ description: 'The secret, shown this once.' }),
  warnings: z.array(z.string()),
});

export const keyPage = z.object({ keys: z.array(keyView), next_cursor: z.string().nullable() });
