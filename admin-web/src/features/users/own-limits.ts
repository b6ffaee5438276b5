import type { User } from './api/users.ts';

type OwnLimits = NonNullable<User['limits']>;

/** The limits a user may have of their own, in the order in which the form has them. */
export const OWN_LIMITS = [
  'requestsPerMinute',
  'maxConcurrent',
  'tokensPer24Hours',
  'budgetMicrosPerMonth',
  'keys',
] as const satisfies readonly (keyof OwnLimits)[];

/** Empty: as the role has it. Money is in dollars here. */
export type OwnLimitsForm = Record<(typeof OWN_LIMITS)[number], number | ''>;

const MICROS = 1_000_000;

export function formOfLimits(limits: OwnLimits | null): OwnLimitsForm {
  const budget = limits?.budgetMicrosPerMonth;
  return {
    requestsPerMinute: limits?.requestsPerMinute ?? '',
    maxConcurrent: limits?.maxConcurrent ?? '',
    tokensPer24Hours: limits?.tokensPer24Hours ?? '',
    budgetMicrosPerMonth: budget === undefined ? '' : budget < 0 ? -1 : budget / MICROS,
    keys: limits?.keys ?? '',
  };
}

/** All of a user's own limits as the API takes them; what is neither −1 nor a limit is left to it to refuse. */
export function limitsOfForm(form: OwnLimitsForm): OwnLimits {
  const filled = OWN_LIMITS.flatMap((name) => {
    const limit = form[name];
    if (limit === '') return [];
    // −1 goes as it is, and what else is below zero too.
    const isMoney = name === 'budgetMicrosPerMonth' && limit >= 0;
    return [[name, isMoney ? Math.round(limit * MICROS) : limit] as const];
  });
  return Object.fromEntries(filled);
}
