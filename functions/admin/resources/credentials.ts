import type {
  credentialChange,
  credentialChangeView,
  credentialDetails,
  credentialEntry,
  credentialHistoryQuery,
  refreshRequest,
} from '@sluice/contract/credentials';
import { ALL_MODELS, type PoolChange } from '@sluice/core/credentials/pool-state';
import type { Credential } from '@sluice/core/credentials/store';
import { removeOwned, settle } from '@sluice/core/sharing/sharing';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { applyEntry, logSwitch } from './apply-entry.ts';
import { instant, viewOne } from './credential-views.ts';

type None = Record<string, never>;

/** As it stands now, with the user who brought it. */
export async function showCredential(
  services: AdminServices,
  { params }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const credential = await findOrRefuse(services, params);
  const [view, owner] = await Promise.all([viewOne(services, credential), ownerOf(services, credential)]);
  const details: z.infer<typeof credentialDetails> = { ...view, owner };
  return success(details);
}

async function ownerOf(
  services: AdminServices,
  { upstream, id }: Credential,
): Promise<z.infer<typeof credentialDetails>['owner']> {
  const owned = await services.owned.find(upstream, id);
  if (!owned) return null;
  const { ownerId: userId, name, sharing, enabled, modelsOff } = owned;
  const user = await services.identity.findUserById(userId);
  return { userId, username: user?.username ?? null, name, sharing, enabled, modelsOff };
}

/** One grant now, by the vault. An outcome that is no success is told, not thrown: the call itself went well. */
export async function refreshCredential(
  services: AdminServices,
  call: Call<z.infer<typeof refreshRequest>, None, Caller>,
): Promise<Answer> {
  const since = services.clock();
  const credential = await findOrRefuse(services, call.params);
  if (credential.kind !== 'oauth') {
    throw new GatewayError('bad_request', { message: `A credential of kind ${credential.kind} is not refreshed.` });
  }
  const key = { upstream: credential.upstream, credentialId: credential.id };
  const result = await services.askRefresh(key, { since, onceMore: call.body.onceMore });
  return success({ ...result, credential: await viewOne(services, credential) });
}

/** A credential that is gone has a history all the same. */
export async function listCredentialHistory(
  services: AdminServices,
  { params, query }: Call<undefined, z.infer<typeof credentialHistoryQuery>, Caller>,
): Promise<Answer> {
  const { limit, cursor = null } = query;
  const page = { limit, cursor, nowMs: services.clock() };
  const { upstream = '', id = '' } = params;
  const { changes, nextCursor } = await services.poolStates.listChanges(upstream, id, page);
  return success(changes.map(viewChange), {
    pagination: { limit, next_cursor: nextCursor, has_more: nextCursor !== null },
  });
}

export async function createCredential(
  services: AdminServices,
  call: Call<z.infer<typeof credentialEntry>, None, Caller>,
): Promise<Answer> {
  const { upstream, name } = call.body;
  if (await services.vault.findCredentialByName(upstream, name)) {
    throw new GatewayError('conflict', { message: `${upstream} already has a credential named ${name}.` });
  }
  const report = await applyEntry(services, 'credentials', call.body, call.caller.user.username);
  const created = await services.vault.findCredentialByName(upstream, name);
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
  const credential = await findOrRefuse(services, call.params);
  if (!(await removeCredential(services, credential, call.caller.user.username))) {
    throw notFound('credential of this id');
  }
  return { json: { success: true, message: 'The credential is deleted.' } };
}

/** @returns false when somebody else was first */
export async function removeCredential(
  services: AdminServices,
  { upstream, id, enabled }: Credential,
  who: string,
): Promise<boolean> {
  const place = { upstream, credentialId: id };
  const isOwned = (await services.owned.find(upstream, id)) !== null;
  const isGone = isOwned ? await removeOwned(services, place) : await services.vault.deleteCredential(upstream, id);
  if (isGone) await logSwitch(services, place, { who, from: enabled ? 'active' : 'disabled', to: 'deleted' });
  return isGone;
}

/** For the audit log: the credential of these parameters as it stands, as operators have set it. */
export async function readCredential(services: AdminServices, params: Record<string, string>): Promise<unknown> {
  const credential = await services.vault.findCredential(params['upstream'] ?? '', params['id'] ?? '');
  if (!credential) return null;
  const { name, kind, tier, priority, weight, enabled, proxyUrl, limits } = credential;
  const { clientId = null, bizId = null, email = null, tag = null, memo = null } = credential;
  return { name, kind, tier, priority, weight, enabled, proxyUrl, limits, clientId, bizId, email, tag, memo };
}

async function findOrRefuse(services: AdminServices, params: Record<string, string>): Promise<Credential> {
  const credential = await services.vault.findCredential(params['upstream'] ?? '', params['id'] ?? '');
  if (!credential) throw notFound('credential of this id');
  return credential;
}

function viewChange(change: PoolChange): z.infer<typeof credentialChangeView> {
  const { at, by, who, model, from, to, reason, until } = change;
  return {
    at: new Date(at).toISOString(),
    by: by ?? null,
    who,
    model: model === ALL_MODELS ? null : model,
    from,
    to,
    reason,
    until: instant(until),
  };
}
