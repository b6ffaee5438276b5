import { PLAN_TYPES, type RedemptionCode } from '@sluice/core/plans/store';
import type { Document } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, looseObject, nullable, number, object, oneOf, optional, text, type ValueOf } from './shape.ts';

const allowance = { tokens: nullable(number), micros: nullable(number) };
const entitlement = object({
  ...allowance,
  id: text,
  name: text,
  type: nullable(oneOf(PLAN_TYPES)),
  expiresAt: number,
});

const codeSchema = object({
  ...allowance,
  code: text,
  type: oneOf(PLAN_TYPES),
  planName: text,
  description: text,
  createdAt: number,
  createdBy: text,
  createdByName: text,
  expiresAt: optional(number),
  redemption: optional(
    object({
      at: number,
      userId: text,
      userName: text,
      attempt: text,
      plan: entitlement,
      extended: boolean,
      replaced: nullable(entitlement),
    }),
  ),
});

/** `expiresAt` and `redemption` are left out where there is none: conditions ask whether they are there. */
export const REDEMPTION_CODE_ITEM = defineItemSchema<ValueOf<typeof codeSchema>>({ type: 'code', schema: codeSchema });

/** Numbers of codes, as `total#<plan type>` and `used#<plan type>`. */
export const CODE_COUNT_ITEM = defineItemSchema({ type: 'codeCount', schema: looseObject({}) });

export const REDEMPTION_CODE_ITEMS: readonly AnyItemSchema[] = [REDEMPTION_CODE_ITEM, CODE_COUNT_ITEM];

export function readCode(item: Document): RedemptionCode {
  const { expiresAt = null, redemption = null, ...rest } = REDEMPTION_CODE_ITEM.read(item);
  return { ...rest, expiresAt, redemption };
}

export function storedCode({ expiresAt, redemption, ...rest }: RedemptionCode): Document {
  const given = { expiresAt: expiresAt ?? undefined, redemption: redemption ?? undefined };
  return REDEMPTION_CODE_ITEM.write({ ...rest, ...given });
}
