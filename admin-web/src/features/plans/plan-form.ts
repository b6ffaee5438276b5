import { planInput } from '@sluice/contract/plans';
import type { z } from 'zod';
import type { Plan } from './api/plans.ts';
import type { PLAN_TYPES } from './plans-search.ts';

/** What the form of a plan has. An empty limit is none. */
export interface PlanForm {
  name: string;
  type: (typeof PLAN_TYPES)[number];
  tokens: number | '';
  money: number | '';
  description: string;
}

export const EMPTY_PLAN: PlanForm = { name: '', type: 'monthly', tokens: '', money: '', description: '' };

export function formOf(plan: Plan): PlanForm {
  return {
    name: plan.name,
    type: plan.plan_type,
    tokens: plan.token_limit ?? '',
    money: plan.money_limit ?? '',
    description: plan.description,
  };
}

export function planOf(form: PlanForm): z.input<typeof planInput> {
  return {
    name: form.name.trim(),
    plan_type: form.type,
    token_limit: form.tokens === '' ? null : form.tokens,
    money_limit: form.money === '' ? null : form.money,
    description: form.description.trim(),
  };
}

/** Names of the fields that the API would refuse. */
export function faultyFields(form: PlanForm): ReadonlySet<string> {
  const parsed = planInput.safeParse(planOf(form));
  return new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])));
}
