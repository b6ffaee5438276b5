import type { authorizeAccountInput, authorizeCredentialInput, pastedInput } from '@sluice/contract/sign-ins';
import { checkProxyAddress } from '@sluice/core/catalog/upstream-address';
import type { CodeOutcome } from '@sluice/core/credentials/authorize/exchange-code';
import { readPasted } from '@sluice/core/credentials/authorize/pasted';
import { OAUTH_PRESETS } from '@sluice/core/credentials/authorize/presets';
import { beginSignIn, takeSignIn, type BegunSignIn } from '@sluice/core/credentials/authorize/sign-in';
import type { SignIn, SignInPlan } from '@sluice/core/credentials/authorize/store';
import { createSealer } from '@sluice/core/credentials/sealing';
import { credentialAssociatedData } from '@sluice/core/credentials/sealing-port';
import type { Credential, Upstream } from '@sluice/core/credentials/store';
import { assertRoom, placeOwned, settle } from '@sluice/core/sharing/sharing';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { z } from 'zod';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewOne } from './credential-views.ts';
import { answerWithAccount, assertMayBring, findMine } from './plugin-accounts.ts';
import { keepSignedIn, type Granted } from './sign-in-credential.ts';

/*
 * Signing in at the authorization server of an upstream. What is asked for here is sealed and written here; the code is
 * exchanged by the vault, which answers with tokens that nobody here can open.
 */

type None = Record<string, never>;

export function listPresets(): Promise<Answer> {
  return Promise.resolve(success(OAUTH_PRESETS));
}

const NEW: Omit<SignInPlan, 'credentialId' | 'sharing'> = {
  isNew: true,
  name: null,
  clientId: null,
  proxyUrl: null,
  proxyMember: null,
  proxyAuth: null,
  proxyAuthDigest: null,
  tag: null,
  limits: {},
};

/** A user's own, or one of theirs anew. */
export async function authorizeAccount(
  services: AdminServices,
  call: Call<z.infer<typeof authorizeAccountInput>, None, Caller>,
): Promise<Answer> {
  const { body, caller } = call;
  await assertMayBring(services, caller.user);
  const userId = caller.user.id;
  if (body.account_id !== undefined) {
    const { owned, credential } = await findMine(services, { caller, params: { id: body.account_id } });
    const plan = planAnew(credential, owned.sharing);
    return answerBegun(
      await begin(services, { userId, upstream: await upstreamOf(services, credential.upstream), plan }),
    );
  }
  const [upstream] = await Promise.all([upstreamOf(services, body.upstream), assertRoom(services, userId)]);
  const plan: SignInPlan = {
    ...NEW,
    credentialId: createPrefixedId('crd'),
    name: body.name ?? null,
    sharing: body.is_shared === 1 ? 'shared' : 'exclusive',
    limits: body.limits ?? {},
  };
  return answerBegun(await begin(services, { userId, upstream, plan }));
}

function answerBegun({ url, state, expiresInSeconds, upstream }: Begun): Answer {
  return success({ auth_url: url, state, expires_in: expiresInSeconds, upstream });
}

/** An operator's, or one that is there anew. */
export async function authorizeCredential(
  services: AdminServices,
  call: Call<z.infer<typeof authorizeCredentialInput>, None, Caller>,
): Promise<Answer> {
  const { body, caller } = call;
  const upstream = await upstreamOf(services, body.upstream);
  const userId = caller.user.id;
  const plan =
    body.credentialId === undefined
      ? await planNew(services, upstream, body)
      : await planOld(services, upstream, body.credentialId);
  const { url, state, expiresInSeconds } = await begin(services, { userId, upstream, plan });
  return success({ authUrl: url, state, expiresIn: expiresInSeconds, upstream: upstream.name });
}

async function planNew(
  services: AdminServices,
  { name: upstream }: Upstream,
  asked: z.infer<typeof authorizeCredentialInput>,
): Promise<SignInPlan> {
  const { name = null, clientId = null, tag = null, proxyUrl = null } = asked;
  if (name !== null && (await services.vault.findCredentialByName(upstream, name))) {
    throw new GatewayError('conflict', {
      message: `${upstream} already has a credential named ${name}.`,
      param: 'name',
    });
  }
  const plan = { ...NEW, credentialId: createPrefixedId('crd'), sharing: null, name, clientId, tag };
  if (proxyUrl === null) return plan;
  const { allowedUpstreamNetworks: allowedNetworks } = await services.catalog.readSettings();
  const proxy = checkProxyAddress({ url: proxyUrl, allowedNetworks });
  if (!proxy.ok) throw new GatewayError('invalid_field', { message: proxy.message, param: 'proxyUrl' });
  if (proxy.auth === null) return { ...plan, proxyUrl: proxy.url };
  const sealer = createSealer(await services.vaultKey());
  const place = { upstream, id: plan.credentialId };
  return {
    ...plan,
    proxyUrl: proxy.url,
    proxyAuth: await sealer.seal(proxy.auth, credentialAssociatedData(place, 'proxyAuth')),
    proxyAuthDigest: await services.digest(`proxy|${upstream}|${proxy.auth}`),
  };
}

async function planOld(services: AdminServices, upstream: Upstream, id: string): Promise<SignInPlan> {
  const credential = await services.vault.findCredential(upstream.name, id);
  if (!credential) throw notFound('credential of this id');
  return planAnew(credential, null);
}

function planAnew(credential: Credential, sharing: SignInPlan['sharing']): SignInPlan {
  const { id, kind, clientId = null, proxyUrl, proxyMember = null, proxyAuth = null } = credential;
  if (kind !== 'oauth') {
    throw new GatewayError('bad_request', { message: `Nobody signs in for a credential of kind ${kind}.` });
  }
  return { ...NEW, isNew: false, credentialId: id, sharing, clientId, proxyUrl, proxyMember, proxyAuth };
}

type Begun = BegunSignIn & { upstream: string };

async function begin(
  services: AdminServices,
  asked: { userId: string; upstream: Upstream; plan: SignInPlan },
): Promise<Begun> {
  const sealer = async () => createSealer(await services.vaultKey());
  const begun = await beginSignIn({ ...services, sealer }, asked);
  return { ...begun, upstream: asked.upstream.name };
}

/** The upstream of this name, or the only one where anybody can sign in. */
async function upstreamOf(services: AdminServices, name: string | undefined): Promise<Upstream> {
  if (name !== undefined) {
    const found = await services.vault.findUpstream(name);
    if (found) return found;
    throw new GatewayError('invalid_field', { message: `There is no upstream ${name}.`, param: 'upstream' });
  }
  const open = (await services.vault.listUpstreams()).filter(({ oauth }) => oauth?.authorizeUrl);
  const [only] = open;
  if (only && open.length === 1) return only;
  const message =
    only === undefined
      ? 'There is no upstream where anybody can sign in.'
      : `Say at which upstream: ${open.map((upstream) => upstream.name).join(', ')}.`;
  throw new GatewayError('invalid_field', { message, param: 'upstream' });
}

export async function finishAccount(
  services: AdminServices,
  { caller, body }: Call<z.infer<typeof pastedInput>, None, Caller>,
): Promise<Answer> {
  await assertMayBring(services, caller.user);
  const { signIn, granted } = await finish(services, { caller, body });
  const { plan, upstream } = signIn;
  if (plan.sharing === null) throw notOfThisPath();
  const place = { upstream, credentialId: plan.credentialId };
  const message = plan.isNew ? 'The account is saved.' : 'The account is signed in anew.';
  const pair = await keepSignedIn(services, signIn, granted, async (row, tokens) => {
    if (!plan.isNew) {
      await services.vault.putCredential(row, tokens);
      return settle(services, place);
    }
    const { clientId = null, email = null, ...rest } = row;
    const name = plan.name ?? email ?? upstream;
    const sharing = plan.sharing ?? 'exclusive';
    return placeOwned(services, caller.user, { ...rest, clientId, email, name, sharing }, tokens);
  });
  if (!pair?.credential) throw notFound('account of this id');
  return answerWithAccount(services, { owned: pair.owned, credential: pair.credential }, message);
}

export async function finishCredential(
  services: AdminServices,
  { caller, body }: Call<z.infer<typeof pastedInput>, None, Caller>,
): Promise<Answer> {
  const { signIn, granted } = await finish(services, { caller, body });
  if (signIn.plan.sharing !== null) throw notOfThisPath();
  const row = await keepSignedIn(services, signIn, granted, async (given, tokens) => {
    await services.vault.putCredential(given, tokens);
    return given;
  });
  return success(await viewOne(services, row));
}

function notOfThisPath(): GatewayError {
  return new GatewayError('state_invalid', { message: 'This sign-in was begun at another path. Please begin again.' });
}

async function finish(
  services: AdminServices,
  { caller, body }: { caller: Caller; body: z.infer<typeof pastedInput> },
): Promise<{ signIn: SignIn; granted: Granted }> {
  const { callback_url: url, code, state = null } = body;
  const pasted = readPasted({ text: url ?? code ?? '', state, param: url === undefined ? 'code' : 'callback_url' });
  const signIn = await takeSignIn(services, pasted, caller.user.id);
  const { upstream, stateDigest, verifier, redirectUri, plan } = signIn;
  const { credentialId: id, clientId, proxyUrl, proxyMember, proxyAuth } = plan;
  const credential = { id, upstream, clientId, proxyUrl, proxyMember, proxyAuth };
  const exchange = { upstream, stateDigest, code: pasted.code, verifier, redirectUri, credential };
  const granted = await services.exchangeCode(exchange).catch((error: unknown): CodeOutcome => {
    const internal = error instanceof Error ? error.message : String(error);
    services.log.error('sign_in_unasked', { upstream, internal });
    return { outcome: 'failed', text: 'The vault did not answer.' };
  });
  if (granted.outcome === 'granted') return { signIn, granted };
  const refused = granted.outcome === 'refused';
  throw new GatewayError(refused ? 'sign_in_refused' : 'upstream_error', {
    message: `${granted.text} Please begin again.`,
  });
}
