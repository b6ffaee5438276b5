import type { createAccountInput } from '@sluice/contract/plugin-api';
import type { z } from 'zod';

/** What the form has; empty is no limit. */
export interface LimitFields {
  tokens: number | '';
  dollars: number | '';
}

export const NO_LIMITS: LimitFields = { tokens: '', dollars: '' };

/** As the API takes them, in its integer micro-dollars. */
export function limitsOf({ tokens, dollars }: LimitFields): z.input<typeof createAccountInput>['limits'] {
  return {
    ...(tokens === '' ? {} : { tokensPerDay: tokens }),
    ...(dollars === '' ? {} : { budgetMicrosPerMonth: Math.round(dollars * 1_000_000) }),
  };
}
