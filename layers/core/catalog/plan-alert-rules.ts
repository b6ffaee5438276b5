import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { isSameJson } from '@sluice/kit/json/same-json';
import type { AlertRule, AlertStore } from '../monitoring/store.ts';
import type { AlertRuleEntry, ConfigurationIssue, SectionPlan, Step } from './configuration-types.ts';
import { findRepeats } from './repeats.ts';

export interface AlertRulePlanDeps {
  alertStore: Pick<AlertStore, 'listRules' | 'putRule' | 'findWebhook'>;
  /** Built-in rules as they stand, then the others. */
  mergeRules: (stored: readonly AlertRule[]) => AlertRule[];
  /** Why a rule cannot be on; null where it can. */
  unavailableReason: (rule: Pick<AlertRule, 'metric'>) => string | null;
  now: number;
}

/** Rules are known by name. Channels of webhooks that are not here are left out, since their secrets never travel. */
export async function planAlertRules(
  deps: AlertRulePlanDeps,
  entries: readonly AlertRuleEntry[],
): Promise<SectionPlan> {
  const plan: SectionPlan = { steps: [], errors: findRepeats('alertRules', 'name', entries, nameOf), warnings: [] };
  if (entries.length === 0) return plan;
  const known = new Map(deps.mergeRules(await deps.alertStore.listRules()).map((rule) => [rule.name, rule]));
  for (const [index, entry] of entries.entries()) {
    const stored = known.get(entry.name) ?? null;
    const faults = faultsOf(deps, entry, stored).map(({ path, message }) => ({
      path: `alertRules[${index}].${path}`,
      message,
    }));
    plan.errors.push(...faults);
    if (faults.length > 0) continue;
    const { channels, missing } = await knownChannels(deps, entry);
    const what = `alertRules/${entry.name}`;
    plan.warnings.push(...missing.map((id) => `${what}: there is no webhook ${id} here; it is left out.`));
    plan.steps.push(stepOf(deps, what, { ...entry, channels }, stored));
  }
  return plan;
}

function nameOf({ name }: AlertRuleEntry): string {
  return name;
}

function faultsOf(deps: AlertRulePlanDeps, entry: AlertRuleEntry, stored: AlertRule | null): ConfigurationIssue[] {
  const reason = entry.enabled ? deps.unavailableReason(entry) : null;
  const isOther = stored?.builtIn === true && stored.metric !== entry.metric;
  return [
    ...(isOther ? [{ path: 'metric', message: 'A built-in rule watches what it watches' }] : []),
    ...(reason === null ? [] : [{ path: 'enabled', message: `The rule cannot be on. ${reason}` }]),
  ];
}

async function knownChannels({ alertStore }: AlertRulePlanDeps, entry: AlertRuleEntry) {
  const channels: AlertRuleEntry['channels'] = [];
  const missing: string[] = [];
  for (const channel of entry.channels) {
    const isMissing = channel.type === 'webhook' && (await alertStore.findWebhook(channel.webhookId)) === null;
    if (isMissing) missing.push(channel.webhookId);
    else channels.push(channel);
  }
  return { channels, missing };
}

function stepOf(deps: AlertRulePlanDeps, what: string, entry: AlertRuleEntry, stored: AlertRule | null): Step {
  const rule: AlertRule = {
    ...entry,
    id: stored?.id ?? createPrefixedId('alr'),
    builtIn: stored?.builtIn ?? false,
    updatedAt: deps.now,
  };
  if (stored && isSameJson({ ...stored, updatedAt: 0 }, { ...rule, updatedAt: 0 })) {
    return { what, effect: 'unchanged', prepare: null };
  }
  const write = (): Promise<void> => deps.alertStore.putRule(rule);
  return { what, effect: stored ? 'updated' : 'created', prepare: async () => write };
}
