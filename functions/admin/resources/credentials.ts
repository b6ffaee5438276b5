import type {
  credentialChange,
  credentialChangeView,
  credentialEntry,
  credentialHistoryQuery,
  credentialView,
} from '@sluice/contract/credentials';
import { displayState, type DisplayedState } from '@sluice/core/credentials/display-state';
import { ALL_MODELS, type PoolChange } from '@sluice/core/credentials/pool-state';
import type { Credential } from '@sluice/core/credentials/store';
import { removeOwned, settle } from '@sluice/core/sharing/sharing';
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
  const lists = await Promise.all(names.map((name) => viewUpstream(services, name)));
  return success(lists.flat());
}

async function viewUpstream(services: AdminServices, upstream: string): Promise<CredentialView[]> {
  const [credentials, states] = await Promise.all([
    services.vault.listCredentials(upstream),
    services.poolStates.listStates(upstream),
  ]);
  const now = services.clock();
  return credentials.map((credential) => {
    const own = states.filter(({ credentialId }) => credentialId === credential.id);
    return viewCredential(credential, displayState(credential, own, now));
  });
}

async function viewOne(services: AdminServices, { upstream, id }: Credential): Promise<CredentialView> {
  const view = (await viewUpstream(services, upstream)).find((candidate) => candidate.id === id);
  if (!view) throw notFound('credential of this id');
  return view;
}

/** A credential that is gone has a history all the same. */
export async function listCredentialHistory(
  services: AdminServices,
  { params, query }: Call<undefined, z.infer<typeof credentialHistoryQuery>, Caller>,
): Promise<Answer> {
  const changes = await services.poolStates.listChanges(params['upstream'] ?? '', params['id'] ?? '', query.limit);
  return success(changes.map(viewChange));
}

export async function createCredential(
  services: AdminServices,
  call: Call<z.infer<typeof credentialEntry>, None, Caller>,
): Promise<Answer> {
  const { upstream, name } = call.body;
  if (await findByName(services, upstream, name)) {
    throw new GatewayError('conflict', { message: `${upstream} already has a credential named ${name}.` });
  }
  const report = await applyEntry(services, 'credentials', call.body, call.caller.user.username);
  const created = await findByName(services, upstream, name);
  if (!created) throw notFound(`credential ${name}`);
  return { ...success(await viewOne(services, created), { warnings: report.warnings }), status: 201 };
}

export async function changeCredential(
  services: AdminServices,
  call: Call<z.infer<typeof credentialChange>, None, Caller>,
): Promise<Answer> {
  const { upstream, id, name, kind } = await findOrRefuse(services, call.params);
  const entry = { ...call.body, upstream, name, kind };
  const report = await applyEntry(services, 'credentials', entry, call.caller.user.username);
  // What an operator does to a user's credential moves the user's quota at once.
  await settle(services, { upstream, credentialId: id });
  const changed = await services.vault.findCredential(upstream, id);
  if (!changed) throw notFound('credential of this id');
  return success(await viewOne(services, changed), { warnings: report.warnings });
}

export async function deleteCredential(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  const { upstream, id } = await findOrRefuse(services, call.params);
  const place = { upstream, credentialId: id };
  const isOwned = (await services.owned.find(upstream, id)) !== null;
  const isGone = isOwned ? await removeOwned(services, place) : await services.vault.deleteCredential(upstream, id);
  if (!isGone) throw notFound('credential of this id');
  return { json: { success: true, message: 'The credential is deleted.' } };
}

/** For the audit log: the credential of these parameters as it stands, as operators have set it. */
export async function readCredential(services: AdminServices, params: Record<string, string>): Promise<unknown> {
  const credential = await services.vault.findCredential(params['upstream'] ?? '', params['id'] ?? '');
  if (!credential) return null;
  const { name, kind, tier, priority, weight, enabled, proxyUrl, limits } = credential;
  return { name, kind, tier, priority, weight, enabled, proxyUrl, limits };
}

async function findOrRefuse(services: AdminServices, params: Record<string, string>): Promise<Credential> {
  const credential = await services.vault.findCredential(params['upstream'] ?? '', params['id'] ?? '');
  if (!credential) throw notFound('credential of this id');
  return credential;
}

async function findByName(services: AdminServices, upstream: string, name: string): Promise<Credential | undefined> {
  return (await services.vault.listCredentials(upstream)).find((credential) => credential.name === name);
}

function viewChange({ at, who, model, from, to, reason, until }: PoolChange): z.infer<typeof credentialChangeView> {
  return {
    at: new Date(at).toISOString(),
    who,
    model: model === ALL_MODELS ? null : model,
    from,
    to,
    reason,
    until: instant(until),
  };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

type CredentialView = z.infer<typeof credentialView>;

/** Neither the sealed secret nor its digest leaves. */
function viewCredential(credential: Credential, shown: DisplayedState): CredentialView {
  const { id, upstream, name, kind, tier, priority, weight, enabled, proxyUrl, limits, createdAt, updatedAt } =
    credential;
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
    limits,
    state: shown.state,
    stateReason: shown.reason,
    stateUntil: instant(shown.until),
    stateModel: shown.model,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
