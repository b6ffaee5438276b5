import { z } from 'zod';
import { dollars } from './money.ts';
import { displayName } from './names.ts';

/** A day, seven days, or a calendar month that ends on the month's last day where it is too short. */
export const planType = z.enum(['daily', 'weekly', 'monthly']);

const tokenLimit = z
  .int()
  .min(1)
  .max(1_000_000_000_000)
  .nullable()
  .meta({ description: 'Tokens in all; null = no limit of tokens.' });
/** At least a micro-dollar: a plan of nothing would block its owner. */
export const moneyLimit = dollars
  .refine((micros) => micros > 0, 'Expected more than 0 dollars')
  .nullable()
  .meta({ description: 'Dollars in all, at most 6 decimals; null = no limit of money.' });

const description = z.string().max(500);

function limitsSomething({ token_limit: tokens, money_limit: micros }: Allowance): boolean {
  return (tokens ?? null) !== null || (micros ?? null) !== null;
}
interface Allowance {
  token_limit?: number | null | undefined;
  money_limit?: number | null | undefined;
}
const NO_LIMIT = { path: ['token_limit'], message: 'A plan limits tokens, money, or both' };

export const planInput = z
  .strictObject({
    name: displayName,
    plan_type: planType,
    token_limit: tokenLimit.default(null),
    money_limit: moneyLimit.default(null),
    description: description.default(''),
  })
  .refine(limitsSomething, NO_LIMIT);

/** What is left out stays as it is. */
export const planChangeInput = z.strictObject({
  plan_type: planType.optional(),
  token_limit: tokenLimit.optional(),
  money_limit: moneyLimit.optional(),
  description: description.optional(),
});

export const planView = z.object({
  name: z.string(),
  plan_type: planType,
  token_limit: z.number().nullable(),
  money_limit: z.number().nullable().meta({ description: 'Dollars.' }),
  description: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export const planList = z.object({ plans: z.array(planView) });

/** A plan that a user has, or had last. */
export const userPlanView = z.object({
  type: planType.nullable().meta({ description: 'Null: given with an end of its own.' }),
  name: z.string(),
  is_active: z.boolean().meta({ description: 'False once it has ended; then the limits of the role hold.' }),
  token_limit: z.number().nullable(),
  tokens_used: z.number().meta({ description: 'What is held for requests under way included.' }),
  tokens_remaining: z.number().nullable(),
  money_limit: z.number().nullable().meta({ description: 'Dollars.' }),
  money_used: z.number(),
  money_remaining: z.number().nullable(),
  started_at: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime(),
});
export type UserPlanView = z.infer<typeof userPlanView>;

/** The older contract reads the plan at the top. */
export const userPlanAnswer = z.object({
  success: z.literal(true),
  plan: userPlanView.nullable(),
  data: z.object({ plan: userPlanView.nullable() }),
});

export const givePlanInput = z
  .strictObject({
    plan: displayName
      .optional()
      .meta({ description: 'Name of a plan; what else is given takes the place of its own.' }),
    name: displayName.optional(),
    type: planType.optional(),
    token_limit: tokenLimit.optional(),
    money_limit: moneyLimit.optional(),
    expires_at: z.iso
      .datetime({ offset: true })
      .transform((text) => Date.parse(text))
      .optional()
      .meta({ description: 'When it ends; by its type where left out.' }),
    renew: z
      .boolean()
      .default(false)
      .meta({ description: 'Begin anew, with nothing used, although a plan of this type is in force.' }),
  })
  .refine((given) => given.plan !== undefined || limitsSomething(given), NO_LIMIT)
  .refine((given) => given.plan !== undefined || given.type !== undefined || given.expires_at !== undefined, {
    path: ['type'],
    message: 'A plan has a type, or an end of its own',
  });
