import { z } from 'zod';
import { chosenKeySecret, createKeyInput, keyChannel, keyDescription } from './keys.ts';
import { displayName } from './names.ts';

/** Keys as the other contracts' paths take and give them (docs/keys.md). */

const instant = z.iso.datetime();

/** `/api/user/api-keys` */
export const userKeyView = z.object({
  id: z.string(),
  name: z.string(),
  is_active: z.boolean(),
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
  preview: z.string(),
});
export const userKeyList = z.object({ success: z.literal(true), apiKeys: z.array(userKeyView) });
export const userKeyAnswer = z.object({ success: z.literal(true), apiKey: userKeyView });
export const createUserKeyInput = createKeyInput.omit({ key: true });
export const createdUserKey = z.object({
  success: z.literal(true),
  apiKey: userKeyView.extend({ key: z.string().meta({ description: 'The secret, shown this once.' }) }),
});

const keyId = z.string().min(1).max(100);
export const userKeyChange = z.strictObject({
  keyId,
  name: displayName.optional(),
  is_active: z.boolean().optional(),
});
export const userKeyDeletion = z.strictObject({ keyId });
export const done = z.object({ success: z.literal(true) });

/** `/api/api-keys`. Its contract has a channel for every key, and this is the one of keys that name none. */
export const CHANNEL_OF_ALL = 'antigravity';
export const channelKeyView = z.object({
  id: z.string(),
  user_id: z.string(),
  key_preview: z.string().meta({ description: 'The first 8 characters.' }),
  name: z.string(),
  description: z.string().nullable(),
  config_type: z.string().meta({ description: `The channel that the key is bound to; ${CHANNEL_OF_ALL} = none.` }),
  is_active: z.boolean(),
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
});
export const channelKeyList = z.array(channelKeyView);
export const createChannelKeyInput = z.strictObject({
  name: displayName.nullable().optional(),
  description: keyDescription.optional(),
  config_type: keyChannel.transform((channel) => (channel === CHANNEL_OF_ALL ? null : channel)).optional(),
  expires_at: createKeyInput.shape.expires_at,
});
export const createdChannelKey = channelKeyView.extend({
  key: z.string().meta({ description: 'The secret, shown this once.' }),
  warnings: z.array(z.string()),
});
export const channelKeyStatus = z.strictObject({ is_active: z.boolean() });

/** `/api/v1/admin/keys` */
const dayLimit = z.int().min(-1).max(1_000_000_000_000);
const dayLimits = z.strictObject({
  chat_per_day: dayLimit.nullable().optional(),
  heavy_per_day: dayLimit.nullable().optional(),
  image_per_day: dayLimit.nullable().optional(),
  video_per_day: dayLimit.nullable().optional(),
});
const remaining = z.number().nullable().meta({ description: 'null = unlimited.' });
const used = z.number();
export const dayKeyView = z.object({
  id: z.string(),
  key: z.string().meta({ description: 'What update and delete know the key by.' }),
  name: z.string(),
  owner: z.string(),
  display_key: z.string(),
  is_active: z.boolean(),
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
  limits: z.object({ chat_per_day: used, heavy_per_day: used, image_per_day: used, video_per_day: used }),
  usage_today: z.object({ chat_used: used, heavy_used: used, image_used: used, video_used: used }),
  remaining_today: z.object({ chat: remaining, heavy: remaining, image: remaining, video: remaining }),
});
export const dayKeyList = z.object({
  success: z.literal(true),
  data: z.array(dayKeyView),
  next_cursor: z.string().nullable(),
});
/** This contract's page sends what was left empty as an empty text. */
const nameOrNone = z
  .union([z.literal(''), displayName])
  .nullable()
  .optional();
export const createDayKeyInput = z.strictObject({
  name: nameOrNone,
  key: z
    .union([z.literal(''), chosenKeySecret])
    .nullable()
    .optional(),
  is_active: z.boolean().optional(),
  limits: dayLimits.nullable().optional(),
});
export const createdDayKey = z.object({ success: z.literal(true), data: dayKeyView });
export const dayKeyChange = z.strictObject({
  key: z.string().min(1).max(512).meta({ description: 'Its id, or the secret itself.', writeOnly: true }),
  name: nameOrNone,
  is_active: z.boolean().optional(),
  limits: dayLimits.nullable().optional(),
});
export const dayKeyDeletion = z.strictObject({ key: dayKeyChange.shape.key });
