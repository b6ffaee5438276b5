import { z } from 'zod';

/** Settings by group and name, as an older console reads and writes them. */
const grouped = z.record(z.string().max(64), z.record(z.string().max(64), z.unknown()));

export const carriedSettingsInput = grouped.meta({
  description: 'Some settings by group and name: ours, or those of an older console.',
});
export type CarriedSettings = z.infer<typeof carriedSettingsInput>;

export const carriedSettingsAnswer = z.object({ success: z.literal(true), data: grouped });

export const carriedSettingsChanged = z.object({
  success: z.literal(true),
  message: z.string(),
  data: grouped,
  warnings: z.array(z.string()).meta({ description: 'Names that this gateway has no setting for.' }),
});

export const storageAnswer = z.object({
  success: z.literal(true),
  type: z.string(),
  data: z.object({ type: z.string() }),
});
