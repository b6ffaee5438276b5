import { isSameJson } from '@sluice/kit/json/same-json';
import type { PlanDefinition, PlanDefinitionStore } from '../plans/store.ts';
import type { PlanEntry, SectionPlan, Step } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';

export interface PlanPlanDeps {
  plans: Pick<PlanDefinitionStore, 'list' | 'put'>;
  foldName: (name: string) => string;
  now: number;
}

export async function planPlans(deps: PlanPlanDeps, entries: readonly PlanEntry[]): Promise<SectionPlan> {
  if (entries.length === 0) return { steps: [], errors: [], warnings: [] };
  const stored = new Map((await deps.plans.list()).map((plan) => [deps.foldName(plan.name), plan]));
  return {
    steps: entries.map((entry) => planPlan(deps, entry, stored.get(deps.foldName(entry.name)) ?? null)),
    errors: findRepeats('plans', 'name', entries, ({ name }) => deps.foldName(name)),
    warnings: [],
  };
}

function planPlan({ plans, now }: PlanPlanDeps, entry: PlanEntry, stored: PlanDefinition | null): Step {
  const what = `plans/${entry.name}`;
  const plan: PlanDefinition = {
    ...entry,
    name: stored?.name ?? entry.name,
    createdAt: stored?.createdAt ?? now,
    updatedAt: now,
  };
  if (stored && isSameJson({ ...stored, updatedAt: 0 }, { ...plan, updatedAt: 0 })) {
    return { what, effect: 'unchanged', prepare: null };
  }
  return { what, effect: stored ? 'updated' : 'created', prepare: async () => () => plans.put(plan) };
}
