import { z } from 'zod';
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
});

export const credentialEntry = credentialChange.extend({
  upstream: upstreamName,
  name: displayName,
  kind: importableKind.default('api_key'),
});
export type CredentialEntry = z.infer<typeof credentialEntry>;

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
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
