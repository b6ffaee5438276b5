import { createAlertRuleInput, type ALERT_METRICS } from '@sluice/contract/alerts';
import type { Rule, RuleInput } from './api/rules.ts';

export const COMPARISONS = ['>', '>=', '<', '<='] as const;
export const SEVERITIES = ['info', 'warning', 'critical'] as const;

/** What the form of a rule has. */
export interface RuleForm {
  name: string;
  metric: (typeof ALERT_METRICS)[number];
  comparison: (typeof COMPARISONS)[number];
  threshold: number | '';
  windowMinutes: number | '';
  cooldownMinutes: number | '';
  minimumRequests: number | '';
  severity: (typeof SEVERITIES)[number];
  enabled: boolean;
  /** Administrators are told by mail. */
  mail: boolean;
  webhooks: string[];
}

export const EMPTY_RULE: RuleForm = {
  name: '',
  metric: 'errorRate',
  comparison: '>',
  threshold: 5,
  windowMinutes: 5,
  cooldownMinutes: 15,
  minimumRequests: 20,
  severity: 'warning',
  enabled: true,
  mail: true,
  webhooks: [],
};

export function formOfRule(rule: Rule): RuleForm {
  const { name, metric, comparison, threshold, windowMinutes, cooldownMinutes, minimumRequests } = rule;
  return {
    name,
    metric,
    comparison,
    threshold,
    windowMinutes,
    cooldownMinutes,
    minimumRequests,
    severity: rule.severity,
    enabled: rule.enabled,
    mail: rule.channels.some(({ type }) => type === 'mail'),
    webhooks: rule.channels.flatMap((channel) => (channel.type === 'webhook' ? [channel.webhookId] : [])),
  };
}

/** Mails that a rule has go on to whom they went; a new one goes to the administrators, in the reader's language. */
export function ruleOf(form: RuleForm, before: Rule | null, language: 'en' | 'zh'): RuleInput {
  const { mail, webhooks, name, threshold, windowMinutes, cooldownMinutes, minimumRequests, ...rest } = form;
  const mails = before?.channels.filter(({ type }) => type === 'mail') ?? [];
  const fresh = { type: 'mail', to: 'admins', language } as const;
  return {
    ...rest,
    name: name.trim(),
    threshold: Number(threshold),
    windowMinutes: Number(windowMinutes),
    cooldownMinutes: Number(cooldownMinutes),
    minimumRequests: Number(minimumRequests),
    channels: [
      ...(mail ? (mails.length > 0 ? mails : [fresh]) : []),
      ...webhooks.map((webhookId) => ({ type: 'webhook' as const, webhookId })),
    ],
  };
}

/** Names of the fields that the API would refuse. */
export function faultyFields(form: RuleForm): ReadonlySet<string> {
  const parsed = createAlertRuleInput.safeParse(ruleOf(form, null, 'en'));
  const faulty = new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])));
  if (form.threshold === '') faulty.add('threshold');
  return faulty;
}
