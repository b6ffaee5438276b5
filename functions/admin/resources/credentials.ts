import type {
  credentialChange,
  credentialChangeView,
  credentialEntry,
  credentialHistoryQuery,
  credentialView,
  refreshRequest,
} from '@sluice/contract/credentials';
import { displayState, type DisplayedState } from '@sluice/core/credentials/display-state';
import { shownOf } from '@sluice/core/credentials/list-shown';
import { ALL_MODELS, type PoolChange } from '@sluice/core/credentials/pool-state';
import type { TokenRow } from '@sluice/core/credentials/refresh/tokens';
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
  const rows = credentials.some(({ kind }) => kind === 'oauth') ? await services.tokens.list(upstream) : [];
  const tokens = new Map(rows.map((row) => [row.credentialId, row]));
  const now = services.clock();
  return credentials.map((credential) => {
    const own = states.filter(({ credentialId }) => credentialId === credential.id);
    const row = tokens.get(credential.id) ?? null;
    return viewCredential(credential, row, displayState(shownOf(credential, row), own, now), now);
  });
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

export async function viewOne(services: AdminServices, { upstream, id }: Credential): Promise<CredentialView> {
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
  const { clientId = null, bizId = null, email = null, tag = null, memo = null } = credential;
  return { name, kind, tier, priority, weight, enabled, proxyUrl, limits, clientId, bizId, email, tag, memo };
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
function viewCredential(
  credential: Credential,
  row: TokenRow | null,
  shown: DisplayedState,
  now: number,
): CredentialView {
  const { id, upstream, name, kind, tier, priority, weight, enabled, proxyUrl, limits, createdAt, updatedAt } =
    credential;
  const { clientId = null, bizId = null, email = null, tag = null, memo = null } = credential;
  return {
    id,
    upstream,
    name,
    kind,
    tier,
    priority,
    weight,
    enabled,
    disabledByOwner: credential.disabledByOwner ?? false,
    proxyUrl,
    hasProxyPassword: (credential.proxyAuth ?? null) !== null,
    limits,
    clientId,
    bizId,
    email,
    tag,
    memo,
    tokens: kind === 'oauth' && row !== null ? viewTokens(row, now) : null,
    state: shown.state,
    stateReason: shown.reason,
    stateUntil: instant(shown.until),
    stateModel: shown.model,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

function viewTokens(row: TokenRow, now: number): NonNullable<CredentialView['tokens']> {
  const { ambiguous, invalid, lastResult, lease, backOff } = row;
  const reasonOf = (told: { at: number; reason: string } | null) =>
    told && { at: new Date(told.at).toISOString(), reason: told.reason };
  return {
    rotation: row.rotation,
    hasRefreshToken: row.refreshToken !== null,
    hasAccessToken: row.accessToken !== null,
    accessExpiresAt: instant(row.accessExpiresAt),
    refreshedAt: instant(row.refreshedAt),
    dueAt: instant(row.dueAt),
    isRefreshing: row.intent !== null && ambiguous === null && lease !== null && lease.until > now,
    ambiguous: reasonOf(ambiguous),
    invalid: reasonOf(invalid),
    backsOffUntil: instant(backOff && backOff.until > now ? backOff.until : null),
    lastResult: lastResult && { ...lastResult, at: new Date(lastResult.at).toISOString() },
  };
}
