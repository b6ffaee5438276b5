import { z } from 'zod';
import { pageQuery, successOf } from './envelopes.ts';
import { keyLimits } from './keys.ts';
import { displayName, priority, upstreamName, weight } from './names.ts';

export const credentialKind = z.enum(['api_key', 'oauth', 'aws_role', 'headers']);

const sealedText = z
  .string()
  .min(1)
  .max(16_384)
  .regex(/^[!-~]+$/, 'Expected visible ASCII characters without spaces');
const writeOnly = { description: 'Write only: sealed to the vault at once, never shown again.', writeOnly: true };
const note = (longest: number) => z.string().trim().max(longest).nullable();

/** Absent fields keep what is stored; a new credential gets tier basic, priority 0, weight 1, enabled. */
export const credentialChange = z.strictObject({
  secret: sealedText
    .optional()
    .meta({ ...writeOnly, description: `Of api_key and aws_role. ${writeOnly.description}` }),
  refreshToken: sealedText.optional().meta({
    ...writeOnly,
    description: `Of oauth; another one than before replaces whatever stands there. ${writeOnly.description}`,
  }),
  headers: z
    .record(z.string().min(1).max(200), z.string().max(8_192))
    .optional()
    .meta({ ...writeOnly, description: `Of kind headers: what is sent instead of a key. ${writeOnly.description}` }),
  clientId: note(500).optional().meta({ description: 'Of oauth, where it is another one than the upstream’s.' }),
  bizId: note(200).optional().meta({ description: 'Of oauth: what machines ask for its tokens by.' }),
  email: note(320).optional(),
  tag: note(200).optional(),
  memo: note(2_000).optional(),
  tier: z.enum(['basic', 'super']).optional(),
  priority: priority.optional(),
  weight: weight.optional(),
  enabled: z.boolean().optional(),
  proxyUrl: z.string().max(2000).nullable().optional().meta({
    description: 'http, https or socks5; user name and password are sealed and not shown again.',
  }),
  limits: keyLimits.optional().meta({
    description: 'What all keys together may ask of it; kept by a ledger account of its own. Absent = no limit.',
  }),
});

export const credentialEntry = credentialChange.extend({
  upstream: upstreamName,
  name: displayName,
  kind: credentialKind.default('api_key'),
});
export type CredentialEntry = z.infer<typeof credentialEntry>;

/** The first that holds, in this order. */
export const credentialState = z.enum(['invalid', 'disabled', 'cooling', 'unknown', 'exhausted', 'active']);

const told = z.object({ at: z.iso.datetime(), reason: z.string() }).nullable();

/** How the tokens of an OAuth credential stand, without telling them. */
const credentialTokens = z.object({
  rotation: z.number().meta({ description: 'Rises with every refresh and every replacement.' }),
  hasRefreshToken: z.boolean(),
  hasAccessToken: z.boolean(),
  accessExpiresAt: z.iso.datetime().nullable().meta({ description: 'By the server’s word, or the JWT’s.' }),
  refreshedAt: z.iso.datetime().nullable(),
  dueAt: z.iso.datetime().nullable().meta({ description: 'When the sweep renews it by itself.' }),
  isRefreshing: z.boolean(),
  ambiguous: told.meta({ description: 'Nobody knows whether the last attempt used up the refresh token.' }),
  invalid: told.meta({ description: 'The server refused the refresh token for good.' }),
  backsOffUntil: z.iso.datetime().nullable(),
  lastResult: z.object({ at: z.iso.datetime(), outcome: z.string(), text: z.string() }).nullable(),
});

export const credentialView = z.object({
  id: z.string(),
  upstream: z.string(),
  name: z.string(),
  kind: credentialKind,
  tier: z.enum(['basic', 'super']),
  priority: z.number(),
  weight: z.number(),
  enabled: z.boolean(),
  disabledByOwner: z.boolean(),
  proxyUrl: z.string().nullable(),
  hasProxyPassword: z.boolean(),
  limits: keyLimits,
  clientId: z.string().nullable(),
  bizId: z.string().nullable(),
  email: z.string().nullable(),
  tag: z.string().nullable(),
  memo: z.string().nullable(),
  tokens: credentialTokens.nullable().meta({ description: 'Of oauth only.' }),
  state: credentialState.meta({
    description:
      'Computed when asked. unknown: a rest is over and no call has proven the credential since; the next one tries it.',
  }),
  stateReason: z.string().nullable(),
  stateUntil: z.iso.datetime().nullable().meta({ description: 'End of the rest.' }),
  stateModel: z.string().nullable().meta({ description: 'The upstream’s only model concerned; null when all are.' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** One credential, and whose it is. */
export const credentialDetails = credentialView.extend({
  owner: z
    .object({
      userId: z.string(),
      username: z.string().nullable().meta({ description: 'Null: the user is gone.' }),
      name: z.string().meta({ description: 'What the owner calls it.' }),
      sharing: z.enum(['shared', 'exclusive']),
      enabled: z.boolean().meta({ description: 'By the owner.' }),
      modelsOff: z.array(z.string()).meta({ description: 'Public models that the owner keeps out of it.' }),
    })
    .nullable()
    .meta({ description: 'The user who brought it; null: it is the operators’.' }),
});

export const refreshRequest = z
  .strictObject({
    onceMore: z.boolean().default(false).meta({
      description:
        'Try again although nobody knows whether the last attempt used up the refresh token, or the server refused it.',
    }),
  })
  .default({ onceMore: false });

export const refreshReport = z.object({
  outcome: z.enum([
    'refreshed',
    'current',
    'not-due',
    'busy',
    'backing-off',
    'failed',
    'invalid',
    'ambiguous',
    'superseded',
    'unsaved',
    'no-refresh-token',
    'not-found',
    'store-unavailable',
  ]),
  text: z.string(),
  credential: credentialView,
});

export const credentialHistoryQuery = z.object(pageQuery);

const poolMark = z.enum(['active', 'resting', 'probing', 'disabled', 'invalid', 'ambiguous', 'deleted']);

/** Changes of a credential's state, newest first; they are kept for 30 days. */
export const credentialChangeView = z.object({
  at: z.iso.datetime(),
  by: z.enum(['relay', 'operator', 'owner', 'refresh', 'check']).nullable().meta({ description: 'What caused it.' }),
  who: z.string().meta({ description: 'Id of the request, attempt or check that met it, or the name of the user.' }),
  model: z.string().nullable(),
  from: poolMark,
  to: poolMark,
  reason: z.string(),
  until: z.iso.datetime().nullable(),
});

export const credentialHistory = successOf(z.array(credentialChangeView)).extend({
  pagination: z.object({ limit: z.number(), next_cursor: z.string().nullable(), has_more: z.boolean() }),
});
