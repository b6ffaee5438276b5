import type { modelFields } from '@sluice/contract/models';
import type { z } from 'zod';
import type { Model } from '../../lib/api/models.ts';
import type { NumberText } from './price-form.ts';

export const SWITCHES = ['sampling', 'prefill', 'structuredOutput', 'images', 'documents', 'audio'] as const;
export const CHOICES = {
  reasoning: ['effort', 'budget', 'adaptive', 'level', 'field', 'none'],
  systemRole: ['system', 'developer'],
  outputCapField: ['max_tokens', 'max_completion_tokens'],
  tokenizer: ['o200k', 'none'],
} as const;

type Switch = (typeof SWITCHES)[number];
export type Choice = keyof typeof CHOICES;

type Features = NonNullable<z.input<typeof modelFields>['routes'][number]['features']>;

/** What is known of a model at an upstream, as fields hold it; an empty one is as usual for the upstream's format. */
export type FeaturesForm = Record<Switch, '' | 'yes' | 'no'> &
  Record<Choice, string> & {
    defaultMaxOutputTokens: NumberText;
    /** Null: it is said that nobody knows. */
    maxOutputTokens: NumberText | null;
  };

export function formOfFeatures(features: Model['routes'][number]['features'] = {}): FeaturesForm {
  const switches = SWITCHES.map((name) => [name, features[name] === undefined ? '' : features[name] ? 'yes' : 'no']);
  return {
    ...(Object.fromEntries(switches) as Record<Switch, '' | 'yes' | 'no'>),
    reasoning: features.reasoning ?? '',
    systemRole: features.systemRole ?? '',
    outputCapField: features.outputCapField ?? '',
    tokenizer: features.tokenizer === undefined ? '' : (features.tokenizer ?? 'none'),
    defaultMaxOutputTokens: features.defaultMaxOutputTokens ?? '',
    maxOutputTokens: features.maxOutputTokens === undefined ? '' : features.maxOutputTokens,
  };
}

/** Undefined when nothing is said. */
export function featuresOf(form: FeaturesForm): Features | undefined {
  const { tokenizer, defaultMaxOutputTokens, maxOutputTokens, ...rest } = form;
  const said = Object.entries(rest).filter(([, value]) => value !== '');
  const features = {
    ...Object.fromEntries(said.map(([name, value]) => [name, isSwitch(name) ? value === 'yes' : value])),
    ...(tokenizer !== '' && { tokenizer: tokenizer === 'none' ? null : tokenizer }),
    ...(defaultMaxOutputTokens !== '' && { defaultMaxOutputTokens: Number(defaultMaxOutputTokens) }),
    ...(maxOutputTokens !== '' && { maxOutputTokens: maxOutputTokens === null ? null : Number(maxOutputTokens) }),
  };
  return Object.keys(features).length === 0 ? undefined : (features as Features);
}

function isSwitch(name: string): boolean {
  return (SWITCHES as readonly string[]).includes(name);
}
