import type { credentialChange, credentialEntry } from '@sluice/contract/credentials';
import type { Credential } from '@sluice/core/credentials/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { applyEntry } from './apply-entry.ts';

export const credentialListQuery = z.object({ upstream: z.string().max(63).optional() });

type None = Record<string, never>;

export async function listCredentials(
  services: AdminServices,
  call: Call<undefined, z.infer<typeof credentialListQuery>, Caller>,
): Promise<Answer> {
  const { upstream } = call.query;
  const names = upstream === undefined ? (await services.vault.listUpstreams()).map(({ name }) => name) : [upstream];
  const lists = await Promise.all(names.map((name) => services.vault.listCredentials(name)));
  return success(lists.flat().map(viewCredential));
}

export async function createCredential(
  services: AdminServices,
  call: Call<z.infer<typeof credentialEntry>, None, Caller>,
): Promise<Answer> {
  const { upstream, name } = call.body;
  if (await findByName(services, upstream, name)) {
    throw new GatewayError('conflict', { message: `${upstream} already has a credential named ${name}.` });
  }
  const report = await applyEntry(services, 'credentials', call.body);
  const created = await findByName(services, upstream, name);
  if (!created) throw notFound(`credential ${name}`);
  return { ...success(viewCredential(created), { warnings: report.warnings }), status: 201 };
}

export async function changeCredential(
  services: AdminServices,
  call: Call<z.infer<typeof credentialChange>, None, Caller>,
): Promise<Answer> {
  const { upstream, id, name, kind } = await findOrRefuse(services, call.params);
  const report = await applyEntry(services, 'credentials', { ...call.body, upstream, name, kind });
  const changed = await services.vault.findCredential(upstream, id);
  if (!changed) throw notFound('credential of this id');
  return success(viewCredential(changed), { warnings: report.warnings });
}

export async function deleteCredential(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const { upstream, id } = await findOrRefuse(services, call.params);
  if (!(await services.vault.deleteCredential(upstream, id))) throw notFound('credential of this id');
  return { json: { success: true, message: 'The credential is deleted.' } };
}

async function findOrRefuse(services: AdminServices, params: Record<string, string>): Promise<Credential> {
  const credential = await services.vault.findCredential(params['upstream'] ?? '', params['id'] ?? '');
  if (!credential) throw notFound('credential of this id');
  return credential;
}

async function findByName(services: AdminServices, upstream: string, name: string): Promise<Credential | undefined> {
  return (await services.vault.listCredentials(upstream)).find((credential) => credential.name === name);
}

/** Neither the sealed secret nor its digest leaves. */
function viewCredential(credential: Credential) {
  const { id, upstream, name, kind, tier, priority, weight, enabled, proxyUrl, createdAt, updatedAt } = credential;
  return {
    id,
    upstream,
    name,
    kind,
    tier,
    priority,
    weight,
    enabled,
    proxyUrl,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
