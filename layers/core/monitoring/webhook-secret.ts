import { createHmac, hkdfSync, randomBytes } from 'node:crypto';

/*
 * Secrets of webhooks, and what they sign, as Standard Webhooks has it
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). A secret is derived
 * from the deployment's pepper and a salt of the webhook's own, so that no table holds it: it is shown when it is made
 * and cannot be read back.
 */

const SECRET_BYTES = 32;

export interface WebhookSecretInput {
  /** Value of the pepper's version that the webhook names. */
  pepper: string;
  webhookId: string;
  salt: string;
}

export function createWebhookSalt(): string {
  return randomBytes(16).toString('base64url');
}

/** `whsec_` and 32 bytes in base64: what receivers' libraries take. */
export function webhookSecret({ pepper, webhookId, salt }: WebhookSecretInput): string {
  const bytes = hkdfSync('sha256', pepper, salt, `sluice/webhook/v1/${webhookId}`, SECRET_BYTES);
  return `whsec_${Buffer.from(bytes).toString('base64')}`;
}

/**
 * The headers of one sending.
 * @param message.id the same for every sending of one notice, so that a receiver can tell a repetition
 */
export function signedHeaders(
  secret: string,
  message: { id: string; timestampMs: number; body: string },
): Record<string, string> {
  const timestamp = String(Math.floor(message.timestampMs / 1000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${message.id}.${timestamp}.${message.body}`).digest('base64');
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
