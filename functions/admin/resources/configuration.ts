import type { ConfigurationDocument, ConfigurationDocumentText } from '@sluice/contract/configuration-document';
import { BOOTSTRAP_OWNER } from '@sluice/core/identity/users';
import { InputRefused } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { applyDocument } from './apply-entry.ts';
import { viewRoutes } from './models.ts';
import { viewPrice } from './view-price.ts';

type None = Record<string, never>;

export async function importDocument(
  services: AdminServices,
  call: Call<ConfigurationDocument, None, Caller>,
): Promise<Answer> {
  const applied = await applyDocument(services, call.body, call.caller.user.username);
  if (applied.outcome === 'refused') throw new InputRefused(applied.errors);
  return success(applied.report);
}

/** The document that, imported here again, changes nothing. No secret is in it. */
export async function exportDocument(services: AdminServices): Promise<Answer> {
  const { upstreams, credentials, models, keys, settings } = await services.configuration.snapshot();
  const bootstrap = await services.users.findByName(BOOTSTRAP_OWNER);
  const document: ConfigurationDocumentText = {
    version: 1,
    upstreams: upstreams.map(({ name, format, vendor, baseUrl }) => ({ name, format, vendor, baseUrl })),
    credentials: credentials.map(({ upstream, name, kind, tier, priority, weight, enabled, proxyUrl, limits }) => ({
      upstream,
      name,
      kind,
      tier,
      priority,
      weight,
      enabled,
      proxyUrl,
      limits,
    })),
    models: models.map((model) => ({
      name: model.name,
      class: model.class,
      routes: viewRoutes(model.routes),
      price: model.price && viewPrice(model.price),
      maxOutputTokens: model.maxOutputTokens,
    })),
    keys: keys.map(({ key, owner }) => ({
      name: key.name,
      owner: owner.id === bootstrap?.id ? BOOTSTRAP_OWNER : owner.username,
      limits: key.limits,
      models: key.models,
      enabled: key.enabled,
      allowedIps: key.allowedIps ?? [],
      channel: key.channel ?? null,
      description: key.description ?? null,
      metadata: key.metadata ?? null,
      expiresAt: key.expiresAt === null ? null : new Date(key.expiresAt).toISOString(),
    })),
    settings,
  };
  return { json: document };
}
