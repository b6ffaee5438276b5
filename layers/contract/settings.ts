import { z } from 'zod';
import { successOf } from './envelopes.ts';

/** `https://console.example.com`: scheme, host and port, as browsers send it. */
const browserOrigin = z.union([
  z.literal('*'),
  z.string().regex(/^https?:\/\/[^/\s?#@]+$/, 'Expected an origin such as https://app.example.com'),
]);

const network = z.union([z.cidrv4(), z.cidrv6()], { error: 'Expected a network such as 10.0.0.0/8 or fd00::/8' });

/** The relay ends every request after 840 seconds by itself. */
const waiting = z.int().min(50).max(840_000);
const timeoutsOfClass = z
  .strictObject({ firstByteMs: waiting, firstContentMs: waiting, slowStartMs: waiting, idleMs: waiting })
  .partial();
const upstreamTimeouts = z
  .strictObject({ chat: timeoutsOfClass, heavy: timeoutsOfClass, image: timeoutsOfClass, video: timeoutsOfClass })
  .partial();

const quota = z
  .number()
  .min(0)
  .max(1_000)
  .refine((value) => Math.abs(value * 10_000 - Math.round(value * 10_000)) < 1e-6, 'At most four decimals');

const limit = z.int().min(-1).max(1_000_000_000_000);

/** Of a role or of one user. −1 = unlimited, 0 = blocked. */
export const userLimits = z
  .strictObject({
    requestsPerMinute: limit,
    tokensPer24Hours: limit.meta({ description: 'An active plan takes its place.' }),
    maxConcurrent: limit,
    budgetMicrosPerMonth: limit,
    keys: z.int().min(-1).max(100_000).meta({ description: 'Keys that a user may have.' }),
  })
  .partial();
const roleLimits = z.strictObject({ user: userLimits, admin: userLimits, super_admin: userLimits }).partial();

/** The headings that settings stand under; older readers know some of them by these words. */
export const SETTING_GROUPS = ['app', 'users', 'relay', 'limits', 'sharing', 'usage', 'alerts', 'audit'] as const;
export type SettingGroup = (typeof SETTING_GROUPS)[number];

interface SettingRow {
  group: SettingGroup;
  schema: z.ZodType;
  description: string;
  /** When a change of it is felt. */
  effect: string;
  /** Written by whoever may change settings and read by nobody: answers say only that it is set. */
  secret?: true;
}

const AT_ONCE = 'At once.';
const IN_RELAY = 'In every relay within 10 seconds.';

/**
 * Every setting: what `PUT /api/admin/settings` takes, what a document's `settings` section takes, what is masked, and
 * what the pages say of it. A new one has a row here, a type and a default in `core/catalog/store.ts` and a line in
 * `aws/tables/catalog-items.ts`; a test holds the three together.
 */
export const SETTINGS = {
  apiDocs: {
    group: 'app',
    schema: z.boolean(),
    description: 'Serve /api/openapi.json and /api/docs.',
    effect: AT_ONCE,
  },
  forcedPasswordChange: {
    group: 'app',
    schema: z.boolean(),
    description: 'The console asks the first administrator for a password in place of the generated one.',
    effect: AT_ONCE,
  },
  registration: {
    group: 'users',
    schema: z.enum(['open', 'closed']),
    description: 'Whether strangers may make themselves an account. Administrators always make accounts for others.',
    effect: AT_ONCE,
  },
  registrationDomains: {
    group: 'users',
    schema: z.array(z.hostname().toLowerCase()).max(200),
    description: 'Domains whose e-mail addresses may register, such as example.com; none = any.',
    effect: AT_ONCE,
  },
  emailVerification: {
    group: 'users',
    schema: z.enum(['required', 'off']),
    description: 'Whether whoever registers has to confirm the e-mail address before keys of theirs work.',
    effect: 'For accounts and addresses from then on.',
  },
  minPasswordLength: {
    group: 'users',
    schema: z.int().min(6).max(64),
    description: 'Characters that a password has at least.',
    effect: 'For passwords that are chosen from then on.',
  },
  browserOrigins: {
    group: 'relay',
    schema: z.array(browserOrigin).max(50),
    description: 'Origins whose browsers may call the data plane; * for any.',
    effect: IN_RELAY,
  },
  allowedUpstreamNetworks: {
    group: 'relay',
    schema: z.array(network).max(50),
    description: 'Networks outside the public Internet that upstream base URLs may point into.',
    effect: IN_RELAY,
  },
  upstreamTimeouts: {
    group: 'relay',
    schema: upstreamTimeouts,
    description:
      'By quota class, how many milliseconds an upstream may be silent before it is given up; replaces what was set.',
    effect: IN_RELAY,
  },
  autoRefresh: {
    group: 'relay',
    schema: z.strictObject({
      enabled: z.boolean(),
      intervalDays: z.int().min(1).max(30),
      recordsAtOnce: z.int().min(1).max(64).optional(),
    }),
    description:
      'The sweep that refreshes OAuth credentials before their tokens expire, and at the latest after so many days; up to recordsAtOnce (16) beside each other at one token endpoint.',
    effect: 'At once; a sweep begins when it is switched on.',
  },
  credentialChecks: {
    group: 'relay',
    schema: z.strictObject({ enabled: z.boolean(), intervalMinutes: z.int().min(10).max(10_080) }),
    description:
      'The sweep that asks upstreams for their list of models, where they have one, to find keys that were revoked or are good again; each credential once in so many minutes.',
    effect: 'Within ten minutes.',
  },
  hedging: {
    group: 'relay',
    schema: z.strictObject({
      enabled: z.boolean(),
      quantile: z.number().min(0.5).max(0.999),
      dailyBudgetMicros: z.int().min(0).max(1_000_000_000_000),
    }),
    description:
      'A second credential is asked when the first content of a stream takes longer than for this part of requests; the slower one is called off. What those cost is the operator’s, up to so many micro-dollars a day; users pay for one.',
    effect: IN_RELAY,
  },
  tokenReveal: {
    group: 'app',
    schema: z.enum(['on', 'off']),
    description:
      'Whether super administrators are shown the tokens of OAuth credentials, the refresh token before the present one among them. Each time stands in the audit log.',
    effect: AT_ONCE,
  },
  imageFormat: {
    group: 'relay',
    schema: z.enum(['url', 'b64_json', 'base64']),
    description: 'How pictures are given to clients who do not say how they want them.',
    effect: IN_RELAY,
  },
  imageGenerationMethod: {
    group: 'relay',
    schema: z.string().max(50),
    description:
      'What GET /v1/images/method tells: imagine_ws_experimental (also as imagine_ws, experimental, new, new_method), by which pages show pictures as they come; anything else is legacy.',
    effect: IN_RELAY,
  },
  videoPosterPreview: {
    group: 'relay',
    schema: z.enum(['on', 'off']),
    description:
      'On: a film in a conversation is shown as a still that leads to it, where there is one. Off: as a player.',
    effect: IN_RELAY,
  },
  usageLogDays: {
    group: 'usage',
    schema: z.number().int().min(7).max(365),
    description: 'Days that each request stays in the usage log, from then on; sums stay for good.',
    effect: 'For requests from then on.',
  },
  roleLimits: {
    group: 'limits',
    schema: roleLimits,
    description:
      'What users may use by their role: −1 = unlimited, 0 = blocked; what is not named is as the role has it.',
    effect: IN_RELAY,
  },
  trustFactors: {
    group: 'limits',
    schema: z.array(z.number().min(0).max(1000)).min(1).max(20),
    description:
      "By trust level from 0: what the role's windows are multiplied by; the last one holds for all levels above.",
    effect: IN_RELAY,
  },
  userCredentials: {
    group: 'sharing',
    schema: z.enum(['on', 'off']),
    description: 'Whether users may bring credentials of their own, for upstreams that operators have set up.',
    effect: AT_ONCE,
  },
  sharingTrustLevel: {
    group: 'sharing',
    schema: z.int().min(0).max(1000),
    description: 'Trust level that it takes to bring a credential, or to share one.',
    effect: AT_ONCE,
  },
  sharedQuotaPerCredential: {
    group: 'sharing',
    schema: quota,
    description: "What a shared credential adds to its owner's maximum of the shared pool, for each of its models.",
    effect: 'At once for maxima; quota moves with the next change or recovery.',
  },
  sharedQuotaRecovery: {
    group: 'sharing',
    schema: quota,
    description: 'What each shared credential brings back to its owner in an hour.',
    effect: 'With the next recovery.',
  },
  sharedModelGroups: {
    group: 'sharing',
    schema: z.array(z.array(z.string().min(1).max(200)).min(1).max(50)).max(50),
    description:
      'Public models that are drawn upon together; the first group that has a model is the one of the model.',
    effect: IN_RELAY,
  },
  allowedWebhookNetworks: {
    group: 'alerts',
    schema: z.array(network).max(50),
    description: 'Networks outside the public Internet that webhooks may be sent into.',
    effect: 'With the next sending.',
  },
  auditDays: {
    group: 'audit',
    schema: z.number().int().min(30).max(3650),
    description: 'Days that each entry stays in the audit log. A checkpoint keeps the chain provable without them.',
    effect: 'Within the hour, with the next entry.',
  },
} as const satisfies Record<string, SettingRow>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** What an answer shows of a secret that is set, and what, sent back, leaves it as it is. */
export const SECRET_MASK = '********';

type Schemas = { -readonly [Name in SettingName]: (typeof SETTINGS)[Name]['schema'] };
// Object.fromEntries forgets which name has which schema.
const schemas = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, SETTINGS[name].schema.meta({ description: SETTINGS[name].description })]),
) as Schemas;

export function isSecretSetting(name: SettingName): boolean {
  const row: SettingRow = SETTINGS[name];
  return row.secret === true;
}

export const settingsChange = z.strictObject(schemas).partial();
export type SettingsChange = z.infer<typeof settingsChange>;

/** A change over the API may say which version of the settings it is a change of. */
export const settingsUpdate = settingsChange.extend({
  version: z.int().min(0).optional().meta({
    description:
      'The version that was read. When another change came first, the answer is 409. If-Match does the same.',
  }),
});
export type SettingsUpdate = z.infer<typeof settingsUpdate>;

export const settingsView = z.object(schemas);

export const settingsAnswer = successOf(settingsView).extend({
  version: z.number().meta({ description: 'Grows with every change.' }),
  groups: z.array(
    z.object({
      name: z.enum(SETTING_GROUPS),
      settings: z.array(
        z.object({
          key: z.string(),
          value: z.unknown(),
          default: z.unknown(),
          secret: z.boolean(),
          description: z.string(),
          effect: z.string(),
        }),
      ),
    }),
  ),
});
