import { z } from 'zod';
import { chosenKeySecret } from './keys.ts';
import { displayName } from './names.ts';

/** What machines present as `X-API-Secret`. */
const requestsPerMinute = z.int().min(-1).max(1_000_000).meta({ description: '−1 = unlimited, 0 = blocked.' });

const chosenSecret = chosenKeySecret.meta({
  description: 'Chosen; a generated one is better. Never shown again.',
  writeOnly: true,
});

export const createMachineSecretInput = z.strictObject({
  name: displayName,
  secret: chosenSecret.optional(),
  requestsPerMinute: requestsPerMinute.optional(),
  enabled: z.boolean().default(true),
});

export const changeMachineSecretInput = z
  .strictObject({ requestsPerMinute: requestsPerMinute, enabled: z.boolean() })
  .partial();

const MOST_OVERLAP_SECONDS = 30 * 86_400;

export const rotateMachineSecretInput = z
  .strictObject({
    secret: chosenSecret.optional(),
    previousValidForSeconds: z.int().min(0).max(MOST_OVERLAP_SECONDS).default(86_400).meta({
      description: 'How long the value before stays valid beside the new one; 0 = it ends at once.',
    }),
  })
  .prefault({});

/** In the configuration document: another secret than the stored one takes its place, which stays valid for a day. */
export const machineSecretEntry = z.strictObject({
  name: displayName,
  secret: chosenSecret.optional().meta({ description: 'Accepted, never exported; a new one needs it.' }),
  requestsPerMinute: requestsPerMinute.optional(),
  enabled: z.boolean().optional(),
});

const value = {
  preview: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable().meta({ description: 'To five minutes.' }),
};

export const machineSecretView = z.object({
  name: z.string(),
  enabled: z.boolean(),
  requestsPerMinute: z.number(),
  ...value,
  previous: z
    .object({ ...value, validUntil: z.iso.datetime() })
    .nullable()
    .meta({ description: 'Valid beside the present one until then.' }),
  updatedAt: z.iso.datetime(),
});
export type MachineSecretView = z.infer<typeof machineSecretView>;

export const shownMachineSecretView = machineSecretView.extend({
  secret: z.string().meta({ description: 'Shown this once.' }),
});
