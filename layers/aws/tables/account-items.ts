import { LINK_PURPOSES, type MailedLink } from '@sluice/core/identity/account-store';
import type { SettingValue, UserSettings } from '@sluice/core/identity/user-settings';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { nullable, number, object, oneOf, record, shapeOf, text } from './shape.ts';

/** A link that was sent by mail; the token itself is nowhere. */
export const LINK_ITEM = defineItemSchema<MailedLink>({
  type: 'link',
  schema: object({
    tokenDigest: text,
    purpose: oneOf(LINK_PURPOSES),
    userId: text,
    email: text,
    stamp: text,
    createdAt: number,
    expiresAt: number,
    usedAt: nullable(number),
  }),
});

const section = record(
  shapeOf((value): value is SettingValue => value === null || ['string', 'number', 'boolean'].includes(typeof value)),
);

export const USER_SETTINGS_ITEM = defineItemSchema<UserSettings>({
  type: 'userSettings',
  schema: object({ notifications: section, security: section, preferences: section }),
});

export const ACCOUNT_ITEMS: readonly AnyItemSchema[] = [LINK_ITEM, USER_SETTINGS_ITEM];
