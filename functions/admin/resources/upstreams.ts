import { upstreamEntry, type upstreamFields } from '@sluice/contract/upstreams';
import { listIssues } from '@sluice/contract/issues';
import type { OAuthClient, Upstream } from '@sluice/core/credentials/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { InputRefused, notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { applyEntry } from './apply-entry.ts';

type None = Record<string, never>;

export async function listUpstreams(services: AdminServices): Promise<Answer> {
  return success((await services.vault.listUpstreams()).map(viewUpstream));
}

export async function putUpstream(
  services: AdminServices,
  call: Call<z.infer<typeof upstreamFields>, None, Caller>,
): Promise<Answer> {
  const entry = upstreamEntry.safeParse({ ...call.body, name: call.params['name'] });
  if (!entry.success) throw new InputRefused(listIssues(entry.error));
  const report = await applyEntry(services, 'upstreams', entry.data, call.caller.user.username);
  const stored = await services.vault.findUpstream(entry.data.name);
  if (!stored) throw notFound(`upstream ${entry.data.name}`);
  const status = report.created.length > 0 ? 201 : 200;
  return { ...success(viewUpstream(stored), { warnings: report.warnings }), status };
}

/** Refused while something still points at it. */
export async function deleteUpstream(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const name = call.params['name'] ?? '';
  const { credentials } = await services.records.list({ upstream: name }, { limit: 5, cursor: null });
  const models = (await services.catalog.listModels()).filter((model) =>
    model.routes.some((route) => route.upstream === name),
  );
  if (credentials.length > 0 || models.length > 0) {
    const users = [
      ...credentials.map((credential) => `credential ${credential.name}`),
      ...models.map((model) => `model ${model.name}`),
    ];
    throw new GatewayError('conflict', { message: `${name} is still used by ${users.slice(0, 5).join(', ')}.` });
  }
  if (!(await services.vault.deleteUpstream(name))) throw notFound(`upstream ${name}`);
  return { json: { success: true, message: `The upstream ${name} is deleted.` } };
}

/** For the audit log: the upstream of these parameters as it stands. */
export async function readUpstream(services: AdminServices, params: Record<string, string>): Promise<unknown> {
  const stored = await services.vault.findUpstream(params['name'] ?? '');
  return stored && viewUpstream(stored);
}

function viewUpstream(upstream: Upstream) {
  const { name, format, vendor, baseUrl, oauth = null, createdAt, updatedAt } = upstream;
  return {
    name,
    format,
    vendor,
    baseUrl,
    oauth: oauth && viewOAuth(oauth),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

/** The secret stays sealed. */
function viewOAuth({ clientSecret, clientSecretDigest: _digest, ...client }: OAuthClient) {
  return { ...client, hasClientSecret: clientSecret !== null };
}
