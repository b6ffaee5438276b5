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

export const upstreamFields = z.strictObject({
  format: upstreamFormat,
  vendor,
  baseUrl: z
    .string()
    .max(2000)
    .meta({ description: 'Where the format begins, e.g. https://api.openai.com/v1; no query, no user name.' }),
  oauth: z
    .record(z.string(), z.unknown())
    .refine((section) => Object.keys(section).length === 0, {
      error: 'This version does not refresh OAuth credentials; remove this section',
    })
    .optional()
    .meta({ description: 'Reserved; must be empty.' }),
});

export const upstreamEntry = upstreamFields.extend({ name: upstreamName });
export type UpstreamEntry = z.infer<typeof upstreamEntry>;

export const upstreamView = z.object({
  name: z.string(),
  format: upstreamFormat,
  vendor,
  baseUrl: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
