import { z } from 'zod';
import { pageQuery, successOf } from './envelopes.ts';
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

const addressOrNetwork = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'Expected an address or a network such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32',
});
const allowedIps = z
  .array(addressOrNetwork)
  .max(100)
  .meta({ description: 'Addresses and networks that the key may be used from; empty = any.' });

/** `any` and `*` are how other contracts say null. */
export const keyChannel = z
  .string()
  .trim()
  .regex(/^[\w.*-]{1,64}$/, 'Expected the name of a channel: letters, digits, dots, dashes')
  .nullable()
  .transform((text) => (text === 'any' || text === '*' ? null : text))
  .meta({ description: 'Only upstreams of this vendor, format or name serve the key; null = any.' });

export const keyDescription = z.string().trim().max(500).nullable();

const MOST_NOTES = 50;
const keyMetadata = z
  .record(z.string().min(1).max(64), z.union([z.string().max(512), z.number(), z.boolean(), z.null()]))
  .refine((notes) => Object.keys(notes).length <= MOST_NOTES, `At most ${MOST_NOTES} entries`)
  .nullable()
  .meta({ description: 'Your own notes; nothing reads them.' });

const allowedModels = z.array(modelName).max(500).meta({ description: 'Public model names; * for all.' });

/** How a chosen key must look; uniqueness and checksum are checked against what is stored. */
export const chosenKeySecret = z
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
  allowedIps: allowedIps.optional(),
  channel: keyChannel.optional(),
  description: keyDescription.optional(),
  metadata: keyMetadata.optional(),
});
export type KeyEntry = z.infer<typeof keyEntry>;

const limitsInBothSpellings = keyLimits.extend({
  requests_per_minute: limit.optional(),
  tokens_per_day: limit.optional(),
});

/**
 * The older contract's clients send `requests_per_minute` and `tokens_per_day`; both spellings are read and answered.
 * Of two that differ ours holds: who sends it back has it from an answer and changed the one that it knows.
 */
const limitsOfRequest = limitsInBothSpellings.transform(
  ({ requests_per_minute: perMinute, tokens_per_day: perDay, ...limits }) => ({
    ...(perMinute === undefined ? {} : { requestsPerMinute: perMinute }),
    ...(perDay === undefined ? {} : { tokensPerDay: perDay }),
    ...limits,
  }),
);

const rulesOfKey = {
  allowed_ips: allowedIps.optional(),
  channel: keyChannel.optional(),
  description: keyDescription.optional(),
  metadata: keyMetadata.optional(),
};

export const createKeyInput = z.strictObject({
  name: displayName,
  key: chosenKeySecret.optional().meta({ description: 'Administrators only; generated when absent.' }),
  limits: limitsOfRequest.optional(),
  models: allowedModels.optional(),
  expires_at: expiry.optional(),
  ...rulesOfKey,
});

export const changeKeyInput = z.strictObject({
  name: displayName.optional(),
  is_active: z.boolean().optional(),
  limits: limitsOfRequest.optional(),
  models: allowedModels.optional(),
  expires_at: expiry.optional(),
  ...rulesOfKey,
});

/** How far a limit of a key is used up at this moment. */
export const keyLimitUse = z.object({
  measure: z.enum([
    'requests_per_minute',
    'tokens_per_day',
    'chat_per_day',
    'heavy_per_day',
    'image_per_day',
    'video_per_day',
    'budget_micros_per_month',
    'max_concurrent',
  ]),
  limit: z.number(),
  used: z.number().meta({ description: 'Requests under way included.' }),
  resets_at: z.iso.datetime().nullable().meta({ description: 'Null: as requests end.' }),
});

export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  owner_id: z.string(),
  owner: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'User name; null when there is no such user any more.' }),
  preview: z.string(),
  is_active: z.boolean(),
  models: z.array(z.string()),
  /** `active`, `disabled` or `expired`. */
  status: z.enum(['active', 'disabled', 'expired']),
  limits: limitsInBothSpellings,
  limits_used: z.array(keyLimitUse).default([]).meta({ description: 'Of the limits that are set.' }),
  allowed_ips: z.array(z.string()),
  channel: z.string().nullable(),
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  expires_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().nullable(),
});

export const createdKeyView = keyView.extend({
  key: z.string().meta({ description: 'The secret, shown this once.' }),
  warnings: z.array(z.string()),
});

const keyStatus = keyView.shape.status;

export const keyListQuery = z.object({
  owner: z.string().min(1).max(320).optional().meta({ description: 'User name; administrators only.' }),
  scope: z.enum(['own', 'all']).default('own').meta({ description: "all: every user's keys, for administrators." }),
  search: z.string().trim().max(100).default('').meta({ description: 'Part of a name, a description or a preview.' }),
  status: keyStatus.optional(),
  ...pageQuery,
});

export const keyPage = z.object({ keys: z.array(keyView), next_cursor: z.string().nullable() });

/** With the list and the secret where the older contract's clients look for them. */
export const keyListAnswer = successOf(keyPage).extend({
  keys: z.array(keyView),
});
export const createdKeyAnswer = successOf(createdKeyView).extend({ key: z.string() });
