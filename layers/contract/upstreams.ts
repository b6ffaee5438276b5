import { z } from 'zod';
import { upstreamName } from './names.ts';

const upstreamFormat = z.enum([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'openai-images',
  'bedrock-converse',
]);

export const vendor = z.enum(['openai', 'xai', 'anthropic', 'gemini', 'azure-openai', 'bedrock', 'openai-compatible']);

const address = z.string().max(2000);
const formName = z.string().regex(/^[\w.-]{1,100}$/, 'Expected a form field such as redirect_uri');
/** Set by the grant itself. */
const OWN_FIELDS = ['grant_type', 'refresh_token', 'client_id', 'client_secret', 'scope'];
/** Set by the authorization request itself. */
const OWN_MEMBERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
];

const policy = z.strictObject({
  serverError: z.enum(['not-consumed', 'unknown']).default('not-consumed').meta({
    description: 'Whether a refresh token may have been used up by a call that was answered with 5xx.',
  }),
  serverErrorTries: z.int().min(1).max(100).default(5),
  ambiguous: z.enum(['stop', 'send-once-more']).default('stop').meta({
    description: 'send-once-more: the server is known to take a refresh token again after an answer that was lost.',
  }),
});

/** An OAuth client of the operator’s own (RFC 6749). */
const oauthClient = z.strictObject({
  tokenUrl: address,
  authorizeUrl: address.nullable().default(null),
  clientId: z.string().min(1).max(500),
  clientSecret: z
    .string()
    .max(4_000)
    .nullable()
    .optional()
    .meta({ description: 'Write only; absent keeps what is stored, null takes it away.', writeOnly: true }),
  clientAuth: z.enum(['body', 'basic']).default('body'),
  scope: z.string().max(2000).nullable().default(null),
  extra: z
    .record(formName, z.string().max(2000))
    .refine((extra) => OWN_FIELDS.every((name) => !(name in extra)), {
      error: 'Fields of the grant itself are not set here',
    })
    .default({})
    .meta({ description: 'Further fields of the form, e.g. redirect_uri.' }),
  redirectUri: z.url().max(2000).optional().meta({
    description:
      'Where browsers are sent after signing in, as it is registered for the client; /oauth/callback of localhost, over http, if absent. Nobody needs to listen there: what stands in the address bar is pasted.',
  }),
  authorizeExtra: z
    .record(formName, z.string().max(2000))
    .refine((extra) => OWN_MEMBERS.every((name) => !(name in extra)), {
      error: 'Members of the authorization request itself are not set here',
    })
    .optional()
    .meta({ description: 'Further members of the authorization request, e.g. access_type.' }),
  policy: policy.default({ serverError: 'not-consumed', serverErrorTries: 5, ambiguous: 'stop' }),
});

export const upstreamFields = z.strictObject({
  format: upstreamFormat,
  vendor,
  baseUrl: z
    .string()
    .max(2000)
    .meta({ description: 'Where the format begins, e.g. https://api.openai.com/v1; no query, no user name.' }),
  oauth: oauthClient.nullable().optional().meta({
    description: 'Where OAuth credentials of this upstream are refreshed; absent keeps it, null takes it away.',
  }),
});

export const upstreamEntry = upstreamFields.extend({ name: upstreamName });
export type UpstreamEntry = z.infer<typeof upstreamEntry>;

export const upstreamView = z.object({
  name: z.string(),
  format: upstreamFormat,
  vendor,
  baseUrl: z.string(),
  oauth: z
    .object({
      tokenUrl: z.string(),
      authorizeUrl: z.string().nullable(),
      clientId: z.string(),
      hasClientSecret: z.boolean(),
      clientAuth: z.enum(['body', 'basic']),
      scope: z.string().nullable(),
      extra: z.record(z.string(), z.string()),
      redirectUri: z.string().optional(),
      authorizeExtra: z.record(z.string(), z.string()).optional(),
      policy,
    })
    .nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
