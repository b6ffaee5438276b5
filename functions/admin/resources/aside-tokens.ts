import type { AsideTokensView } from '@sluice/contract/aside-tokens';
import { adoptWrite } from '@sluice/core/credentials/refresh/rules';
import type { AsideTokens, TokenKey } from '@sluice/core/credentials/refresh/tokens';
import type { Credential } from '@sluice/core/credentials/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { logSwitch } from './apply-entry.ts';
import { viewOne } from './credential-views.ts';

/*
 * Tokens that were received and could not be saved in their row lie aside, sealed to that row. An operator may have them
 * take the place of what stands there; they are moved as they are, since nobody here can open them.
 */

type None = Record<string, never>;

const MOST_ROUNDS = 5;

export async function listAsideTokens(
  services: AdminServices,
  { params }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const credential = await findOrRefuse(services, params);
  return success((await services.tokens.listAside(keyOf(credential))).map(viewAside));
}

/** Repeated freely: what was taken already is known by its attempt. */
export async function adoptAsideTokens(
  services: AdminServices,
  { params, caller }: Call<undefined, None, Caller>,
): Promise<Answer> {
  const credential = await findOrRefuse(services, params);
  const key = keyOf(credential);
  const aside = (await services.tokens.listAside(key)).find(({ attempt }) => attempt === params['attempt']);
  if (!aside) throw notFound('tokens of this attempt');
  await adopt(services, key, aside);
  const who = caller.user.username;
  const reason = 'given the tokens that lay aside by an operator';
  await logSwitch(services, key, { who, from: 'active', to: 'active', reason });
  await services.tokens.removeAside(aside);
  return success(await viewOne(services, credential));
}

async function adopt(services: AdminServices, key: TokenKey, aside: AsideTokens): Promise<void> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const row = await services.tokens.find(key);
    if (row === null) throw notFound('credential of this id');
    if (row.savedBy.includes(aside.attempt)) return;
    const outcome = await services.tokens.write(key, adoptWrite(row, aside, services.clock()));
    if (outcome.written) return;
  }
  throw new GatewayError('store_unavailable', { message: 'The tokens kept changing. Please try again.' });
}

async function findOrRefuse(services: AdminServices, params: Record<string, string>): Promise<Credential> {
  const credential = await services.vault.findCredential(params['upstream'] ?? '', params['id'] ?? '');
  if (!credential) throw notFound('credential of this id');
  return credential;
}

function keyOf({ upstream, id }: Credential): TokenKey {
  return { upstream, credentialId: id };
}

function viewAside({ attempt, at, why, rotation, grant }: AsideTokens): AsideTokensView {
  const { refreshToken, accessExpiresAt } = grant;
  return {
    attempt,
    at: new Date(at).toISOString(),
    why,
    rotation,
    hasRefreshToken: refreshToken !== null,
    accessExpiresAt: accessExpiresAt === null ? null : new Date(accessExpiresAt).toISOString(),
  };
}
