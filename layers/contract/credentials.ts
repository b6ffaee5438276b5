import { z } from 'zod';
import { keyLimits } from './keys.ts';
import { displayName, priority, upstreamName, weight } from './names.ts';

export const credentialKind = z.enum(['api_key', 'oauth', 'aws_role', 'headers']);

const importableKind = credentialKind.refine((kind) => kind === 'api_key', {
  error: (issue) => `Credentials of kind ${String(issue.input)} are not relayed by this version; use api_key`,
});

/** Absent fields keep what is stored; a new credential gets tier basic, priority 0, weight 1, enabled. */
export const credentialChange = z.strictObject({
  secret: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[!-~]+$/, 'Expected visible ASCII characters without spaces')
    .optional()
    .meta({ description: 'Write only: sealed to the vault at once, never shown again.', writeOnly: true }),
  tier: z.enum(['basic', 'super']).optional(),
  priority: priority.optional(),
  weight: weight.optional(),
  enabled: z.boolean().optional(),
  proxyUrl: z.string().max(2000).nullable().optional(),
  limits: keyLimits.optional().meta({
    description: 'What all keys together may ask of it; kept by a ledger account of its own. Absent = no limit.',
  }),
});

export const credentialEntry = credentialChange.extend({
  upstream: upstreamName,
  name: displayName,
  kind: importableKind.default('api_key'),
});
export type CredentialEntry = z.infer<typeof credentialEntry>;

/** The first that holds, in this order. */
export const credentialState = z.enum(['invalid', 'disabled', 'cooling', 'unknown', 'exhausted', 'active']);

export const credentialView = z.object({
  id: z.string(),
  upstream: z.string(),
  name: z.string(),
  kind: credentialKind,
  tier: z.enum(['basic', 'super']),
  priority: z.number(),
  weight: z.number(),
  enabled: z.boolean(),
  proxyUrl: z.string().nullable(),
  limits: keyLimits,
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

export const credentialHistoryQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });

const poolMark = z.enum(['active', 'resting', 'probing', 'disabled']);

/** Changes of a credential's state, newest first; they are kept for 30 days. */
export const credentialChangeView = z.object({
  at: z.iso.datetime(),
  who: z.string().meta({ description: 'Id of the request that met it, or the name of the operator.' }),
  model: z.string().nullable(),
  from: poolMark,
  to: poolMark,
  reason: z.string(),
  until: z.iso.datetime().nullable(),
});
