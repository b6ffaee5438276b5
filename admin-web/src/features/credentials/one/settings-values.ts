import { credentialChange } from '@sluice/contract/credentials';
import type { CredentialChange } from './api/change-credential.ts';
import type { CredentialDetails } from './api/credential.ts';

type Limits = NonNullable<CredentialChange['limits']>;

const DAY_CLASSES = ['chat', 'heavy', 'image', 'video'] as const;
export const LIMITS = ['requestsPerMinute', 'maxConcurrent', 'tokensPerDay', 'budget', ...DAY_CLASSES] as const;
type LimitName = (typeof LIMITS)[number];
/** An empty field is no limit. `budget` is in dollars per month. */
type LimitValues = Record<LimitName, number | ''>;

const MICROS = 1_000_000;
const TEXTS = ['tag', 'email', 'bizId', 'clientId', 'memo'] as const;

/** What an operator says of a credential, as fields of a form hold it: no text is the empty one. */
export interface SettingsValues extends Record<(typeof TEXTS)[number], string> {
  tier: 'basic' | 'super';
  priority: number | '';
  weight: number | '';
  proxyUrl: string;
  limits: LimitValues;
}

export const NEW_SETTINGS: SettingsValues = {
  tier: 'basic',
  priority: 0,
  weight: 1,
  proxyUrl: '',
  tag: '',
  email: '',
  bizId: '',
  clientId: '',
  memo: '',
  limits: limitValues({}),
};

export function settingsOf(credential: CredentialDetails): SettingsValues {
  const { tier, priority, weight, proxyUrl, tag, email, bizId, clientId, memo, limits } = credential;
  return {
    tier,
    priority,
    weight,
    proxyUrl: proxyUrl ?? '',
    tag: tag ?? '',
    email: email ?? '',
    bizId: bizId ?? '',
    clientId: clientId ?? '',
    memo: memo ?? '',
    limits: limitValues(limits),
  };
}

/** Only what differs. An emptied text is taken away. */
export function changeBetween(stored: SettingsValues, wanted: SettingsValues): CredentialChange {
  const texts = TEXTS.filter((name) => stored[name].trim() !== wanted[name].trim());
  const proxy = wanted.proxyUrl.trim();
  return {
    ...(stored.tier === wanted.tier ? {} : { tier: wanted.tier }),
    ...(stored.priority === wanted.priority ? {} : { priority: numberOf(wanted.priority, 0) }),
    ...(stored.weight === wanted.weight ? {} : { weight: numberOf(wanted.weight, 1) }),
    ...(stored.proxyUrl === proxy ? {} : { proxyUrl: proxy === '' ? null : proxy }),
    ...Object.fromEntries(texts.map((name) => [name, wanted[name].trim() === '' ? null : wanted[name].trim()])),
    ...(LIMITS.every((name) => stored.limits[name] === wanted.limits[name])
      ? {}
      : { limits: limitsInput(wanted.limits) }),
  };
}

/** By the contract's own schema; the names of the fields that are not as they should be. */
export function faultySettings(values: SettingsValues): Set<string> {
  const parsed = credentialChange.safeParse(changeBetween(NEW_SETTINGS, values));
  return new Set(parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])));
}

function limitsInput(values: LimitValues): Limits {
  const { requestsPerMinute, maxConcurrent, tokensPerDay, budget } = values;
  const perDay = Object.fromEntries(
    DAY_CLASSES.filter((name) => values[name] !== '').map((name) => [name, values[name]]),
  );
  return {
    ...(requestsPerMinute === '' ? {} : { requestsPerMinute }),
    ...(maxConcurrent === '' ? {} : { maxConcurrent }),
    ...(tokensPerDay === '' ? {} : { tokensPerDay }),
    ...(budget === '' ? {} : { budgetMicrosPerMonth: Math.round(budget * MICROS) }),
    ...(Object.keys(perDay).length === 0 ? {} : { perDay }),
  };
}

function limitValues(limits: Limits): LimitValues {
  const { requestsPerMinute, maxConcurrent, tokensPerDay, budgetMicrosPerMonth: micros, perDay = {} } = limits;
  const { chat, heavy, image, video } = perDay;
  return {
    requestsPerMinute: bound(requestsPerMinute),
    maxConcurrent: bound(maxConcurrent),
    tokensPerDay: bound(tokensPerDay),
    budget: micros == null ? '' : micros / MICROS,
    chat: bound(chat),
    heavy: bound(heavy),
    image: bound(image),
    video: bound(video),
  };
}

/** −1 is no limit. */
function bound(limit: number | undefined): number | '' {
  return limit === undefined || limit < 0 ? '' : limit;
}

function numberOf(value: number | '', otherwise: number): number {
  return value === '' ? otherwise : value;
}
