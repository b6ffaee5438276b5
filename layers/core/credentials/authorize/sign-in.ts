import { createHash, randomBytes } from 'node:crypto';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import type { Clock } from '@sluice/kit/time/clock';
import type { Sealer } from '../sealing-port.ts';
import { verifierAssociatedData } from '../sealing-port.ts';
import type { OAuthClient, Upstream } from '../store.ts';
import type { Pasted } from './pasted.ts';
import type { SignIn, SignInPlan, SignInStore } from './store.ts';

/*
 * Authorization code with PKCE (RFC 6749 §4.1, RFC 7636), for clients of the operators' own. The browser comes back to
 * an address where nobody may be listening (RFC 8252 §7.3), and the user pastes what stands there.
 */

export const SIGN_IN_LIFE_MS = 5 * 60_000;
/** Where a client names no address of its own. */
const LOOPBACK = 'http://localhost/oauth/callback';
/** 256 bits; 43 characters, which is the least that PKCE takes. */
const RANDOM_BYTES = 32;

interface Deps {
  signIns: Pick<SignInStore, 'begin' | 'take'>;
  clock: Clock;
}

export interface BegunSignIn {
  url: string;
  state: string;
  expiresInSeconds: number;
}

/** @throws GatewayError `invalid_field` where the upstream has no place to sign in at */
export async function beginSignIn(
  deps: Deps & { sealer: () => Promise<Sealer> },
  { userId, upstream, plan }: { userId: string; upstream: Upstream; plan: SignInPlan },
): Promise<BegunSignIn> {
  const client = upstream.oauth;
  if (!client?.authorizeUrl) {
    const message = `Nobody can sign in at ${upstream.name}: it has no authorizeUrl.`;
    throw new GatewayError('invalid_field', { message, param: 'upstream' });
  }
  const [state, verifier] = [randomText(), randomText()];
  const stateDigest = digestState(state);
  const redirectUri = redirectUriOf(client);
  const sealer = await deps.sealer();
  const place = { upstream: upstream.name, stateDigest };
  await deps.signIns.begin({
    ...place,
    userId,
    redirectUri,
    verifier: await sealer.seal(verifier, verifierAssociatedData(place)),
    plan,
    expiresAt: deps.clock() + SIGN_IN_LIFE_MS,
    takenBy: null,
  });
  const url = authorizeAddress(client.authorizeUrl, {
    ...client.authorizeExtra,
    response_type: 'code',
    client_id: plan.clientId ?? client.clientId,
    redirect_uri: redirectUri,
    ...(client.scope === null ? {} : { scope: client.scope }),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { url, state, expiresInSeconds: SIGN_IN_LIFE_MS / 1000 };
}

/**
 * The sign-in of a state. It is used up by this, whatever comes next.
 * @throws GatewayError `state_invalid`, which does not tell why
 */
export async function takeSignIn(deps: Deps, { state }: Pasted, userId: string): Promise<SignIn> {
  const asked = { stateDigest: digestState(state), userId, taker: createPrefixedId('att'), now: deps.clock() };
  const found = await deps.signIns.take(asked);
  if (found) return found;
  throw new GatewayError('state_invalid', {
    message: 'This sign-in is not known, is over, or was used already. Please begin again.',
  });
}

function digestState(state: string): string {
  return createHash('sha256').update(state).digest('hex');
}

function randomText(): string {
  return randomBytes(RANDOM_BYTES).toString('base64url');
}

function redirectUriOf({ redirectUri, extra }: OAuthClient): string {
  return redirectUri ?? extra['redirect_uri'] ?? LOOPBACK;
}

function authorizeAddress(authorizeUrl: string, members: Readonly<Record<string, string>>): string {
  const url = new URL(authorizeUrl);
  for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value);
  return url.href;
}
