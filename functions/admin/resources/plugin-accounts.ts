import type {
  accountNameInput,
  accountStatusInput,
  accountTypeInput,
  createAccountInput,
  PluginAccount,
} from '@sluice/contract/plugin-api';
import type { Model } from '@sluice/core/catalog/store';
import { displayState } from '@sluice/core/credentials/display-state';
import { shownOf } from '@sluice/core/credentials/list-shown';
import type { Credential } from '@sluice/core/credentials/store';
import type { User } from '@sluice/core/identity/store';
import {
  addOwned,
  listOwned,
  modelsOf,
  remainingByClass,
  removeOwned,
  settle,
  type OwnedChange,
} from '@sluice/core/sharing/sharing';
import type { OwnedCredential } from '@sluice/core/sharing/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { logSwitch } from './apply-entry.ts';

type None = Record<string, never>;

const SILENCED = 'You are silenced and may not change shared accounts now.';

/** A credential of a user, whole. */
export interface Mine {
  owned: OwnedCredential;
  credential: Credential;
}

export async function listAccounts(
  services: AdminServices,
  { caller }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const [mine, models] = await Promise.all([listOwned(services, caller.user.id), services.catalog.listModels()]);
  return success(await Promise.all(mine.map((one) => viewAccount(services, one, models))));
}

export async function showAccount(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  return answerWithAccount(services, await findMine(services, call));
}

export async function createAccount(
  services: AdminServices,
  { caller, body }: Call<z.infer<typeof createAccountInput>, None, Caller>,
): Promise<Answer> {
  await assertMayBring(services, caller.user);
  const { owned, credential } = await addOwned(services, caller.user, {
    upstream: body.upstream,
    name: body.name,
    secret: body.api_key,
    sharing: body.is_shared === 1 ? 'shared' : 'exclusive',
    limits: body.limits ?? {},
  });
  if (!credential) throw notFound('account of this id');
  return { ...(await answerWithAccount(services, { owned, credential }, 'The account is saved.')), status: 201 };
}

export async function deleteAccount(services: AdminServices, call: Call<undefined, None, Caller>): Promise<Answer> {
  assertNotSilenced(call.caller.user);
  const { owned } = await findMine(services, call);
  if (!(await removeOwned(services, owned))) throw notFound('account of this id');
  return { json: { success: true, message: 'The account is deleted.' } };
}

export async function switchAccount(
  services: AdminServices,
  call: Call<z.infer<typeof accountStatusInput>, None, Caller>,
): Promise<Answer> {
  const enabled = call.body.status === 1;
  return change(services, call, { enabled }, `The account is ${enabled ? 'in use' : 'out of use'}.`);
}

export async function nameAccount(
  services: AdminServices,
  call: Call<z.infer<typeof accountNameInput>, None, Caller>,
): Promise<Answer> {
  return change(services, call, { name: call.body.name }, 'The account has its new name.');
}

export async function shareAccount(
  services: AdminServices,
  call: Call<z.infer<typeof accountTypeInput>, None, Caller>,
): Promise<Answer> {
  const isShared = call.body.is_shared === 1;
  if (isShared) await assertMayBring(services, call.caller.user);
  const sharing = isShared ? 'shared' : 'exclusive';
  return change(services, call, { sharing }, isShared ? 'The account is shared.' : 'The account is yours alone.');
}

/** For the audit log. */
export async function readOwned(services: AdminServices, params: Record<string, string>): Promise<unknown> {
  for (const { name: upstream } of await services.vault.listUpstreams()) {
    const owned = await services.owned.find(upstream, params['id'] ?? '');
    if (!owned) continue;
    const { ownerId, name, sharing, enabled, modelsOff } = owned;
    return { upstream, ownerId, name, sharing, enabled, modelsOff };
  }
  return null;
}

/** Of others nothing is told, not even that it is there. */
export async function findMine(
  services: AdminServices,
  { caller, params }: Pick<Call<unknown, unknown, Caller>, 'caller' | 'params'>,
): Promise<Mine> {
  const mine = (await listOwned(services, caller.user.id)).find(({ owned }) => owned.credentialId === params['id']);
  if (!mine) throw notFound('account of this id');
  return mine;
}

async function change(
  services: AdminServices,
  call: Call<unknown, None, Caller>,
  given: OwnedChange,
  message: string,
): Promise<Answer> {
  assertNotSilenced(call.caller.user);
  const { owned: before } = await findMine(services, call);
  const pair = await settle(services, before, given);
  if (!pair?.credential || pair.owned.removing) throw notFound('account of this id');
  await logOwner(services, call.caller.user, { before, after: pair.owned });
  return answerWithAccount(services, { owned: pair.owned, credential: pair.credential }, message);
}

/** Into the log of operations: what its owner did to a credential. */
async function logOwner(
  services: AdminServices,
  { username: who }: User,
  { before, after }: { before: Mine['owned']; after: Mine['owned'] },
): Promise<void> {
  const [from, to] = [before, after].map(({ enabled }) => (enabled ? ('active' as const) : ('disabled' as const)));
  const isShared = before.sharing === after.sharing ? '' : `, now ${after.sharing}`;
  if (from === undefined || to === undefined || (from === to && isShared === '')) return;
  const reason =
    from === to ? `kept by its owner${isShared}` : `switched ${to === 'active' ? 'on' : 'off'} by its owner${isShared}`;
  const { upstream, credentialId } = after;
  await logSwitch(services, { upstream, credentialId }, { by: 'owner', who, from, to, reason });
}

export function assertNotSilenced(user: User): void {
  if (!user.silenced) return;
  throw new GatewayError('account_silenced', { message: SILENCED });
}

export async function assertMayBring(services: AdminServices, user: User): Promise<void> {
  assertNotSilenced(user);
  const reason = await reasonAgainst(services, user);
  if (reason !== null) throw new GatewayError('forbidden', { message: reason });
}

/** Why this user may not bring or share anything here; null where nothing speaks against it. */
async function reasonAgainst(services: AdminServices, user: User): Promise<string | null> {
  const { userCredentials, sharingTrustLevel } = await services.catalog.readSettings();
  if (userCredentials === 'off') return 'Accounts of users are switched off on this gateway.';
  if (user.trustLevel >= sharingTrustLevel) return null;
  return `This takes trust level ${sharingTrustLevel}; yours is ${user.trustLevel}.`;
}

/** What a form for a new account needs: names only, no addresses. */
export async function listPlaces(services: AdminServices, { caller }: Call<undefined, None, Caller>): Promise<Answer> {
  const [upstreams, models, reason] = await Promise.all([
    services.vault.listUpstreams(),
    services.catalog.listModels(),
    caller.user.silenced ? SILENCED : reasonAgainst(services, caller.user),
  ]);
  const places = upstreams.map(({ name, oauth }) => ({
    name,
    sign_in: Boolean(oauth?.authorizeUrl),
    models: modelsOf(models, name)
      .map((model) => model.name)
      .toSorted(),
  }));
  return success({ may_bring: reason === null, reason, upstreams: places });
}

export async function answerWithAccount(services: AdminServices, mine: Mine, message?: string): Promise<Answer> {
  const view = await viewAccount(services, mine, await services.catalog.listModels());
  return success(view, message === undefined ? {} : { message });
}

async function viewAccount(
  services: AdminServices,
  { owned, credential }: Mine,
  models: readonly Model[],
): Promise<PluginAccount> {
  const { id: credentialId, upstream, kind } = credential;
  const [remaining, states, row] = await Promise.all([
    remainingByClass(services, credential),
    services.poolStates.listStates(upstream),
    kind === 'oauth' ? services.tokens.find({ upstream, credentialId }) : null,
  ]);
  const served = modelsOf(models, credential.upstream);
  const own = states.filter((state) => state.credentialId === credential.id);
  const enabled = credential.enabled && owned.enabled;
  return {
    id: credential.id,
    account_id: credential.id,
    user_id: owned.ownerId,
    upstream: credential.upstream,
    name: owned.name,
    kind: credential.kind,
    is_shared: owned.sharing === 'shared' ? 1 : 0,
    status: owned.enabled ? 1 : 0,
    disabled_by_operator: !credential.enabled,
    exhausted: served.length > 0 && served.every((model) => remaining(model.class).fraction === 0),
    state: displayState({ ...shownOf(credential, row), enabled }, own, services.clock()).state,
    email: credential.email ?? null,
    need_refresh: row !== null && (row.invalid !== null || row.ambiguous !== null),
    expires_at: row?.accessExpiresAt ?? null,
    models: served.map(({ name }) => name).toSorted(),
    counts_for_pool: owned.counted.length > 0,
    created_at: new Date(owned.createdAt).toISOString(),
    updated_at: new Date(owned.updatedAt).toISOString(),
  };
}
