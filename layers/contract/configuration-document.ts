import { z } from 'zod';
import { createAlertRuleInput } from './alerts.ts';
import { credentialEntry } from './credentials.ts';
import { keyEntry } from './keys.ts';
import { machineSecretEntry } from './machine-secrets.ts';
import { modelEntry } from './models.ts';
import { planInput } from './plans.ts';
import { chosenUsername, emailAddress } from './registration.ts';
import { newPassword } from './session.ts';
import { settingsChange, userLimits } from './settings.ts';
import { upstreamEntry } from './upstreams.ts';

const MAX_ENTRIES = 2000;

/** A user, by the names of `POST /api/admin/users`; absent fields keep what is stored. No mail is sent. */
const userEntry = z.strictObject({
  username: chosenUsername,
  email: emailAddress.nullable().optional(),
  password: newPassword.optional().meta({ description: 'Accepted, never exported.' }),
  role: z.enum(['user', 'admin', 'super_admin']).optional(),
  is_active: z.boolean().optional(),
  is_silenced: z.boolean().optional(),
  is_verified: z.boolean().optional(),
  trust_level: z.int().min(0).max(1000).optional(),
  must_change_password: z.boolean().optional(),
  limits: userLimits.optional(),
});

/**
 * The configuration document: the same for import, export and the start of the local stack. Secrets go in and never
 * come out. Prices are read from dollars per million into the ledger's integer micros.
 */
export const configurationDocument = z.strictObject({
  version: z.literal(1).optional().meta({ description: 'Version of this format: 1.' }),
  upstreams: z.array(upstreamEntry).max(MAX_ENTRIES).default([]),
  credentials: z.array(credentialEntry).max(MAX_ENTRIES).default([]),
  models: z.array(modelEntry).max(MAX_ENTRIES).default([]),
  keys: z.array(keyEntry).max(MAX_ENTRIES).default([]),
  settings: settingsChange.optional(),
  users: z.array(userEntry).max(MAX_ENTRIES).optional(),
  plans: z.array(planInput).max(MAX_ENTRIES).optional(),
  alertRules: z.array(createAlertRuleInput).max(MAX_ENTRIES).optional(),
  machineSecrets: z.array(machineSecretEntry).max(50).optional(),
});
export type ConfigurationDocument = z.infer<typeof configurationDocument>;
/** The document as it is written, before prices and instants are read. */
export type ConfigurationDocumentText = z.input<typeof configurationDocument>;

export const importQuery = z.object({
  dryRun: z
    .enum(['true', 'false'])
    .optional()
    .transform((value) => value === 'true')
    .meta({ description: 'Says what would happen, and writes nothing.' }),
});

export const importReport = z.object({
  created: z.array(z.string()).meta({ description: 'E.g. upstreams/openai, keys/admin/ci.' }),
  updated: z.array(z.string()),
  unchanged: z.array(z.string()),
  keys: z
    .array(z.object({ name: z.string(), owner: z.string(), secret: z.string().optional() }))
    .meta({ description: 'One per key of the document; a generated secret is shown this once.' }),
  warnings: z.array(z.string()),
});
