import type {
  ConfigurationDocument,
  ConfigurationDocumentText,
  importQuery,
} from '@sluice/contract/configuration-document';
import { microsToDollars } from '@sluice/contract/money';
import type { Configuration } from '@sluice/core/catalog/configuration-types';
import type { Credential, OAuthClient } from '@sluice/core/credentials/store';
import type { User } from '@sluice/core/identity/store';
import { BOOTSTRAP_OWNER } from '@sluice/core/identity/users';
import type { PlanDefinition } from '@sluice/core/plans/store';
import type { z } from 'zod';
import { InputRefused } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { applyDocument } from './apply-entry.ts';
import { viewRoutes } from './models.ts';
import { startSweep, withoutMasks, withoutSecrets } from './settings.ts';
import { viewPrice } from './view-price.ts';

export async function importDocument(
  services: AdminServices,
  call: Call<ConfigurationDocument, z.infer<typeof importQuery>, Caller>,
): Promise<Answer> {
  if (call.query.dryRun) return checkDocument(services, call);
  const { autoRefresh } = call.body.settings ?? {};
  const before = autoRefresh && (await services.catalog.readSettings());
  const applied = await applyDocument(services, readDocument(call.body), call.caller.user.username);
  if (applied.outcome === 'refused') throw new InputRefused(applied.errors);
  if (before) await startSweep(services, before.autoRefresh, autoRefresh);
  return success(applied.report);
}

/** The same report and the same refusals as the import itself would give. */
async function checkDocument(
  services: AdminServices,
  { body, audit }: Pick<Call<ConfigurationDocument, unknown, Caller>, 'body' | 'audit'>,
): Promise<Answer> {
  audit.after = { dryRun: true };
  const checked = await services.configuration.check(readDocument(body));
  if (checked.outcome === 'refused') throw new InputRefused(checked.errors);
  return success(checked.report);
}

function readDocument({ users, plans, settings, ...rest }: ConfigurationDocument): Configuration {
  return {
    ...rest,
    settings: settings && withoutMasks(settings),
    users: users?.map((user) => ({
      username: user.username,
      email: user.email,
      password: user.password,
      role: user.role,
      enabled: user.is_active,
      silenced: user.is_silenced,
      emailVerified: user.is_verified,
      trustLevel: user.trust_level,
      mustChangePassword: user.must_change_password,
      limits: user.limits,
    })),
    plans: plans?.map((plan) => ({
      name: plan.name,
      type: plan.plan_type,
      tokens: plan.token_limit,
      micros: plan.money_limit,
      description: plan.description,
    })),
  };
}

/** The document that, imported here again, changes nothing. No secret is in it. */
export async function exportDocument(services: AdminServices): Promise<Answer> {
  const { upstreams, credentials, models, keys, users, plans, alertRules, settings } =
    await services.configuration.snapshot();
  const machineSecrets = await services.machineSecrets.list();
  const bootstrap = await services.users.findByName(BOOTSTRAP_OWNER);
  const document: ConfigurationDocumentText = {
    version: 1,
    upstreams: upstreams.map(({ name, format, vendor, baseUrl, oauth }) => ({
      name,
      format,
      vendor,
      baseUrl,
      ...(oauth && { oauth: exportedClient(oauth) }),
    })),
    credentials: credentials.map(exportedCredential),
    models: models.map((model) => ({
      name: model.name,
      class: model.class,
      routes: viewRoutes(model.routes),
      price: model.price && viewPrice(model.price),
      maxOutputTokens: model.maxOutputTokens,
    })),
    // In an order that does not change from one export to the next.
    keys: keys.toSorted(byOwnerAndName).map(({ key, owner }) => ({
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
    // The first administrator comes with the deployment.
    users: users.filter(({ id }) => id !== bootstrap?.id).map(viewUserEntry),
    plans: plans.map(viewPlanEntry),
    alertRules: alertRules.map(({ id: _id, builtIn: _builtIn, updatedAt: _updatedAt, ...rule }) => rule),
    ...(machineSecrets.length > 0 && {
      machineSecrets: machineSecrets.map(({ name, enabled, requestsPerMinute }) => ({
        name,
        enabled,
        requestsPerMinute,
      })),
    }),
    settings: withoutSecrets(settings),
  };
  return { json: document };
}

type OwnedKey = { key: { name: string }; owner: { username: string } };

function byOwnerAndName(left: OwnedKey, right: OwnedKey): number {
  const [first, second] = [left, right].map(({ owner, key }) => `${owner.username}\n${key.name}`) as [string, string];
  return first < second ? -1 : first > second ? 1 : 0;
}

type Section<Name extends keyof ConfigurationDocumentText> = NonNullable<ConfigurationDocumentText[Name]>[number &
  keyof NonNullable<ConfigurationDocumentText[Name]>];

function viewUserEntry(user: User): Section<'users'> {
  return {
    username: user.username,
    email: user.email,
    role: user.role,
    is_active: user.enabled,
    is_silenced: user.silenced,
    is_verified: user.emailVerified,
    trust_level: user.trustLevel,
    must_change_password: user.mustChangePassword,
    ...(user.limits && { limits: user.limits }),
  };
}

function viewPlanEntry({ name, type, tokens, micros, description }: PlanDefinition): Section<'plans'> {
  const money = micros === null ? null : microsToDollars(micros);
  return { name, plan_type: type, token_limit: tokens, money_limit: money, description };
}

function exportedCredential(credential: Credential): NonNullable<ConfigurationDocumentText['credentials']>[number] {
  const { upstream, name, kind, tier, priority, weight, enabled, proxyUrl, limits } = credential;
  const { clientId, bizId, email, tag, memo } = credential;
  return {
    upstream,
    name,
    kind,
    tier,
    priority,
    weight,
    enabled,
    proxyUrl,
    limits,
    ...(clientId != null && { clientId }),
    ...(bizId != null && { bizId }),
    ...(email != null && { email }),
    ...(tag != null && { tag }),
    ...(memo != null && { memo }),
  };
}

function exportedClient({ clientSecret: _sealed, clientSecretDigest: _digest, ...client }: OAuthClient) {
  return client;
}
