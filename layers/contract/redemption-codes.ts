import { z } from 'zod';
import { displayName } from './names.ts';
import { moneyLimit, planType } from './plans.ts';

const PREFIX = /^(?:[A-Z0-9](?:[A-Z0-9-]{0,22}[A-Z0-9])?)?$/;

const prefix = z
  .string()
  .trim()
  .toUpperCase()
  .regex(PREFIX, 'Expected at most 24 letters, digits and dashes, no dash at its ends');

export const createCodesInput = z
  .strictObject({
    type: z.enum(['single', 'batch']).default('single'),
    plan: displayName.optional().meta({ description: 'Name of a plan to take type and allowances from.' }),
    plan_type: planType.optional(),
    token_limit: z.int().min(1).max(1_000_000).nullable().optional().meta({
      description: 'Tokens, 1 to 1000000. More than that comes from a named plan.',
    }),
    money_limit: moneyLimit.optional(),
    expires_days: z.int().min(1).max(3_650).nullable().default(30).meta({
      description: 'Days in which it may be redeemed; null = for ever. How long its plan lasts is another matter.',
    }),
    prefix: prefix.nullish().transform((text) => text ?? ''),
    count: z.int().min(1).max(100).optional().meta({ description: 'Of a batch.' }),
    description: z
      .string()
      .max(500)
      .nullish()
      .transform((text) => text ?? ''),
  })
  .superRefine((given, context) => {
    const say = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (given.type === 'single' && (given.count ?? 1) !== 1) say('count', 'Only a batch has more than one');
    if (given.type === 'batch' && given.count === undefined) say('count', 'A batch says how many codes it has');
    if (given.plan !== undefined) {
      for (const field of ['plan_type', 'token_limit', 'money_limit'] as const) {
        if (given[field] !== undefined) say(field, 'Comes from the named plan');
      }
      return;
    }
    if (given.plan_type === undefined) say('plan_type', 'Expected daily, weekly or monthly');
    if ((given.token_limit ?? null) === null && (given.money_limit ?? null) === null) {
      say('token_limit', 'A plan limits tokens, money, or both');
    }
  });

const codeState = z.enum(['unused', 'used', 'expired']);

export const codeView = z.object({
  id: z.string().meta({ description: 'The code itself.' }),
  code: z.string(),
  plan_type: planType,
  plan_name: z.string(),
  token_limit: z.number().nullable(),
  money_limit: z.number().nullable().meta({ description: 'Dollars.' }),
  status: codeState,
  is_used: z.boolean(),
  used_by: z.string().nullable().meta({ description: 'User id.' }),
  used_by_name: z.string().nullable(),
  used_at: z.iso.datetime().nullable(),
  redeemed_plan: z
    .object({ id: z.string(), expires_at: z.iso.datetime(), extended: z.boolean() })
    .nullable()
    .meta({ description: 'What came of it.' }),
  replaced_plan: z
    .object({ name: z.string(), token_limit: z.number().nullable(), expires_at: z.iso.datetime() })
    .nullable()
    .meta({ description: 'A plan that was in force and made way.' }),
  expires_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  created_by: z.string(),
  created_by_name: z.string(),
  description: z.string(),
});
export type CodeView = z.infer<typeof codeView>;

const singleAnswer = z.object({ success: z.literal(true), code: z.string(), data: codeView });
const batchAnswer = z.object({
  success: z.literal(true),
  codes: z.array(z.string()),
  count: z.number(),
  data: z.object({ codes: z.array(codeView) }),
});
export const createdCodesAnswer = z.union([singleAnswer, batchAnswer]);

/** The console's forms send what is not chosen as nothing, or as `all`. */
function chosen<Value extends string>(values: z.ZodType<Value, Value>) {
  return z
    .union([z.literal(['', 'all']), values])
    .optional()
    .transform((value): Value | null =>
      value === undefined || value === '' || value === 'all' ? null : (value as Value),
    );
}

export const codeFilter = z.object({
  status: chosen(codeState),
  plan_type: chosen(planType),
  search: z.string().trim().toUpperCase().max(64).optional().meta({ description: 'What a code begins with.' }),
});

export const codeListQuery = codeFilter.extend({
  page: z.coerce.number().int().min(1).optional().meta({ description: 'By number, for the first 10000 codes.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2000).optional().meta({ description: 'Takes the place of a page number.' }),
});

export const codePage = z.object({
  codes: z.array(codeView),
  pagination: z.object({
    page: z.number().nullable().meta({ description: 'Null on a page that was asked for by cursor.' }),
    limit: z.number(),
    total: z.number().nullable().meta({ description: 'Of all pages; null where it is not counted: of a search.' }),
    pages: z.number().nullable(),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  }),
  totals: z
    .object({ total: z.number(), unused: z.number(), used: z.number(), expired: z.number() })
    .meta({ description: 'Of all codes, whatever was asked for. Each code is unused, used or expired.' }),
});
/** The older contract reads the list at the top. */
export const codePageAnswer = codePage.extend({ success: z.literal(true), data: codePage });

export const redeemInput = z.object({ code: z.string().trim().min(1).max(200) });

const redeemedPlan = z.object({
  type: planType,
  name: z.string(),
  token_limit: z.number().nullable().meta({ description: 'In all, with what was there before where it was extended.' }),
  money_limit: z.number().nullable().meta({ description: 'Dollars.' }),
  expires_at: z.iso.datetime(),
  extended: z.boolean(),
  replaced: z
    .object({
      type: planType.nullable(),
      name: z.string(),
      token_limit: z.number().nullable(),
      money_limit: z.number().nullable(),
      expires_at: z.iso.datetime(),
    })
    .nullable()
    .meta({ description: 'A plan of another kind that was in force and has ended with this.' }),
});

export const redeemAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  plan: redeemedPlan,
  data: z.object({ plan: redeemedPlan }),
});
