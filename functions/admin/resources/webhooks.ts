import type { changeWebhookInput, createWebhookInput } from '@sluice/contract/webhooks';
import { newestVersion } from '@sluice/core/identity/secret-versions';
import type { Webhook } from '@sluice/core/monitoring/store';
import { checkWebhookAddress } from '@sluice/core/monitoring/webhook-address';
import { createWebhookSalt, webhookSecret } from '@sluice/core/monitoring/webhook-secret';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewWebhook } from './alert-views.ts';

type None = Record<string, never>;

const MOST_WEBHOOKS = 50;

export async function listWebhooks(services: AdminServices): Promise<Answer> {
  const webhooks = await services.alertStore.listWebhooks();
  return success(webhooks.toSorted((left, right) => left.name.localeCompare(right.name)).map(viewWebhook));
}

export async function showWebhook(services: AdminServices, { params }: Call<undefined, None, Caller>): Promise<Answer> {
  return success(viewWebhook(await findWebhook(services, params['id'])));
}

export async function createWebhook(
  services: AdminServices,
  { body, audit }: Call<z.infer<typeof createWebhookInput>, None, Caller>,
): Promise<Answer> {
  const { alertStore, clock } = services;
  if ((await alertStore.listWebhooks()).length >= MOST_WEBHOOKS) {
    throw new GatewayError('conflict', { message: `There are ${MOST_WEBHOOKS} webhooks already.` });
  }
  await checkAddress(services, body.webhookUrl);
  const now = clock();
  const made = await withNewSecret(services, {
    name: body.name,
    url: body.webhookUrl,
    enabled: body.enabled,
    id: createPrefixedId('whk'),
    salt: '',
    pepperVersion: '',
    createdAt: now,
    updatedAt: now,
  });
  audit.target = made.webhook.id;
  audit.after = noteOf(made.webhook);
  await alertStore.putWebhook(made.webhook);
  return { ...success({ ...viewWebhook(made.webhook), secret: made.secret }), status: 201 };
}

export async function changeWebhook(
  services: AdminServices,
  { body, params, audit }: Call<z.infer<typeof changeWebhookInput>, None, Caller>,
): Promise<Answer> {
  const known = await findWebhook(services, params['id']);
  if (body.webhookUrl !== undefined) await checkAddress(services, body.webhookUrl);
  const { name = known.name, webhookUrl: url = known.url, enabled = known.enabled } = body;
  const changed = { ...known, name, url, enabled, updatedAt: services.clock() };
  audit.before = noteOf(known);
  audit.after = noteOf(changed);
  await services.alertStore.putWebhook(changed);
  return success(viewWebhook(changed));
}

export async function deleteWebhook(
  services: AdminServices,
  { params, audit }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const known = await findWebhook(services, params['id']);
  audit.before = noteOf(known);
  await services.alertStore.deleteWebhook(known.id);
  return { json: { success: true, message: 'The webhook is deleted.' } };
}

/** From then on messages are signed with a new secret; the old one signs no more. */
export async function rotateWebhookSecret(
  services: AdminServices,
  { params, audit }: Call<unknown, None, Caller>,
): Promise<Answer> {
  const known = await findWebhook(services, params['id']);
  const { webhook, secret } = await withNewSecret(services, { ...known, updatedAt: services.clock() });
  audit.after = noteOf(webhook);
  await services.alertStore.putWebhook(webhook);
  return success({ ...viewWebhook(webhook), secret });
}

export async function findWebhook({ alertStore }: AdminServices, webhookId = ''): Promise<Webhook> {
  const webhook = await alertStore.findWebhook(webhookId);
  if (!webhook) throw notFound('webhook of this id');
  return webhook;
}

async function withNewSecret(services: AdminServices, given: Webhook): Promise<{ webhook: Webhook; secret: string }> {
  const { version, value } = newestVersion(await services.secrets.pepper());
  const webhook = { ...given, salt: createWebhookSalt(), pepperVersion: version };
  return { webhook, secret: webhookSecret({ pepper: value, webhookId: webhook.id, salt: webhook.salt }) };
}

async function checkAddress({ catalog }: AdminServices, url: string): Promise<void> {
  const { allowedWebhookNetworks } = await catalog.readSettings();
  const message = checkWebhookAddress(url, allowedWebhookNetworks);
  if (message !== null) throw new GatewayError('invalid_field', { message, param: 'url' });
}

/** What the audit log is told, under the names that the contract gives the handlers. */
function noteOf({ name, url, enabled }: Webhook): Record<string, unknown> {
  return { name, webhookUrl: url, enabled };
}
