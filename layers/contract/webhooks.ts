import { z } from 'zod';

const webhookName = z.string().trim().min(1).max(120);
const webhookUrl = z
  .url({ protocol: /^https?$/, error: 'Expected an address such as https://hooks.example.com/alerts' })
  .max(2000)
  .meta({ description: 'https, or http into settings.allowedWebhookNetworks.' });

/**
 * Handlers read the address as `webhookUrl`: by this name the audit log hides what follows its host, which many
 * receivers take for a secret.
 */
export const createWebhookInput = z
  .strictObject({ name: webhookName, url: webhookUrl, enabled: z.boolean().default(true) })
  .transform(({ url, ...rest }) => ({ ...rest, webhookUrl: url }));

export const changeWebhookInput = z
  .strictObject({ name: webhookName, url: webhookUrl, enabled: z.boolean() })
  .partial()
  .transform(({ url, ...rest }) => ({ ...rest, ...(url !== undefined && { webhookUrl: url }) }));

export const webhookView = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type WebhookView = z.infer<typeof webhookView>;

export const createdWebhookView = webhookView.extend({
  secret: z.string().meta({ description: 'What its messages are signed with (`whsec_…`), shown this once.' }),
});
