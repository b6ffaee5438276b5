import { createKeyInput, type changeKeyInput } from '@sluice/contract/keys';
import type { z } from 'zod';
import type { Key } from './api/list-keys.ts';
import { expiryOf, localMinute, type Lifetime } from './lifetime.ts';

/** Limits of a key in the order in which the form has them; an empty field is no limit, 0 blocks. */
export const LIMIT_FIELDS = [
  'requestsPerMinute',
  'maxConcurrent',
  'tokensPerDay',
  'budgetPerMonth',
  'chatPerDay',
  'heavyPerDay',
  'imagePerDay',
  'videoPerDay',
] as const;
export type LimitField = (typeof LIMIT_FIELDS)[number];

/** What the form of a key has. */
export interface KeyForm extends Record<LimitField, number | string> {
  name: string;
  lifetime: Lifetime;
  /** Of a `datetime-local` field. */
  expiresAt: string;
  /** Empty: all. */
  models: string[];
  allowedIps: string[];
  channel: string;
  description: string;
  metadata: { name: string; value: string }[];
  /** A secret of one's own choosing; administrators only, and only of a new key. */
  secret: string;
}

export const EMPTY_KEY: KeyForm = {
  name: '',
  lifetime: 'unlimited',
  expiresAt: '',
  models: [],
  requestsPerMinute: '',
  maxConcurrent: '',
  tokensPerDay: '',
  budgetPerMonth: '',
  chatPerDay: '',
  heavyPerDay: '',
  imagePerDay: '',
  videoPerDay: '',
  allowedIps: [],
  channel: '',
  description: '',
  metadata: [],
  secret: '',
};

const MICROS = 1_000_000;

export function formOfKey(key: Key): KeyForm {
  const { limits } = key;
  const perDay = limits.perDay ?? {};
  const { budgetMicrosPerMonth: budget } = limits;
  return {
    ...EMPTY_KEY,
    name: key.name,
    lifetime: key.expires_at === null ? 'unlimited' : 'date',
    expiresAt: key.expires_at === null ? '' : localMinute(key.expires_at),
    models: key.models.includes('*') ? [] : [...key.models],
    requestsPerMinute: fieldOf(limits.requestsPerMinute),
    maxConcurrent: fieldOf(limits.maxConcurrent),
    tokensPerDay: fieldOf(limits.tokensPerDay),
    budgetPerMonth: typeof budget === 'number' ? budget / MICROS : '',
    chatPerDay: fieldOf(perDay.chat),
    heavyPerDay: fieldOf(perDay.heavy),
    imagePerDay: fieldOf(perDay.image),
    videoPerDay: fieldOf(perDay.video),
    allowedIps: [...key.allowed_ips],
    channel: key.channel ?? '',
    description: key.description ?? '',
    metadata: Object.entries(key.metadata ?? {}).map(([name, value]) => ({ name, value: String(value) })),
  };
}

function fieldOf(limit: number | undefined): number | '' {
  return limit === undefined || limit < 0 ? '' : limit;
}

type KeyChange = z.input<typeof changeKeyInput>;
type NewKey = z.input<typeof createKeyInput>;

/** All of a key's rules as the API takes them; `before` keeps the kinds of notes that were not touched. */
export function changeOfForm(form: KeyForm, before: Key | null, now: number): KeyChange & { name: string } {
  const expiry = expiryOf(form.lifetime, now, form.expiresAt);
  const isSameMinute =
    before?.expires_at && form.lifetime === 'date' && localMinute(before.expires_at) === form.expiresAt;
  return {
    name: form.name.trim(),
    models: form.models.length === 0 ? ['*'] : form.models,
    limits: limitsOf(form),
    // A date that was left alone keeps its seconds; one that is no date is refused by the schema.
    expires_at: isSameMinute ? before.expires_at : expiry === undefined ? form.expiresAt : expiry,
    allowed_ips: form.allowedIps,
    channel: form.channel.trim() === '' ? null : form.channel.trim(),
    description: form.description.trim() === '' ? null : form.description.trim(),
    metadata: notesOf(form, before),
  };
}

/** What is sent for a new key: only what was filled in. */
export function newKeyOfForm(form: KeyForm, now: number): NewKey {
  const { limits, models, allowed_ips: allowedIps, ...rest } = changeOfForm(form, null, now);
  const isLimited = Object.keys(limits ?? {}).length > 0;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
    name: rest.name,
    ...(isLimited ? { limits } : {}),
    ...(form.models.length > 0 ? { models } : {}),
    ...(form.allowedIps.length > 0 ? { allowed_ips: allowedIps } : {}),
    ...(form.secret.trim() === '' ? {} : { key: form.secret.trim() }),
  };
}

function limitsOf(form: KeyForm): NonNullable<KeyChange['limits']> {
  const perDay = given({
    chat: form.chatPerDay,
    heavy: form.heavyPerDay,
    image: form.imagePerDay,
    video: form.videoPerDay,
  });
  return {
    ...given({
      requestsPerMinute: form.requestsPerMinute,
      maxConcurrent: form.maxConcurrent,
      tokensPerDay: form.tokensPerDay,
    }),
    ...(form.budgetPerMonth === '' ? {} : { budgetMicrosPerMonth: Math.round(Number(form.budgetPerMonth) * MICROS) }),
    ...(Object.keys(perDay).length === 0 ? {} : { perDay }),
  };
}

function given(limits: Record<string, number | string>): Record<string, number> {
  const filled = Object.entries(limits).filter(([, limit]) => limit !== '');
  return Object.fromEntries(filled.map(([name, limit]) => [name, Number(limit)]));
}

function notesOf(form: KeyForm, before: Key | null): KeyChange['metadata'] {
  const named = form.metadata.filter(({ name }) => name.trim() !== '');
  if (named.length === 0) return null;
  const kept = before?.metadata ?? {};
  const notes = named.map(({ name, value }) => {
    const known = kept[name.trim()];
    const isKept =
      (typeof known === 'number' || typeof known === 'boolean' || known === null) && String(known) === value;
    return [name.trim(), isKept ? known : value] as const;
  });
  return Object.fromEntries(notes);
}

/** Fields of the form by the names that the API calls them by. */
const FIELDS: Record<string, keyof KeyForm> = {
  name: 'name',
  models: 'models',
  expires_at: 'expiresAt',
  allowed_ips: 'allowedIps',
  channel: 'channel',
  description: 'description',
  metadata: 'metadata',
  key: 'secret',
  'limits.requestsPerMinute': 'requestsPerMinute',
  'limits.maxConcurrent': 'maxConcurrent',
  'limits.tokensPerDay': 'tokensPerDay',
  'limits.budgetMicrosPerMonth': 'budgetPerMonth',
  'limits.perDay.chat': 'chatPerDay',
  'limits.perDay.heavy': 'heavyPerDay',
  'limits.perDay.image': 'imagePerDay',
  'limits.perDay.video': 'videoPerDay',
};

/** The field that a path of the API (`allowed_ips[0]`, `limits.perDay.chat`) speaks of. */
export function fieldOfPath(path: string): keyof KeyForm | null {
  const plain = path.replaceAll(/\[\d+\]/g, '');
  return FIELDS[plain] ?? FIELDS[plain.split('.')[0] ?? ''] ?? null;
}

/** Fields that the API would refuse. */
export function faultyFields(form: KeyForm, now: number): ReadonlySet<keyof KeyForm> {
  const parsed = createKeyInput.safeParse(newKeyOfForm(form, now));
  if (parsed.success) return new Set();
  const fields = parsed.error.issues.map(({ path }) =>
    fieldOfPath(path.filter((part) => typeof part === 'string').join('.')),
  );
  return new Set(fields.filter((field) => field !== null));
}
