import type { adminLoginInput, loginInput } from '@sluice/contract/session';
import { ACCESS_TOKEN_LIFE_SECONDS } from '@sluice/core/identity/access-tokens';
import { permissionsOf, roleHas } from '@sluice/core/identity/permissions';
import type { User } from '@sluice/core/identity/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { readCookie, writeCookie } from '@sluice/kit/http/cookies';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import type { z } from 'zod';
import { SESSION_COOKIE, sessionCookie } from '../authenticate.ts';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewUser } from './view-user.ts';

type PublicCall<Body> = Call<Body, Record<string, never>, null>;
type OwnCall = Call<undefined, Record<string, never>, Caller>;

/** One answer that the readers of three contracts understand, and the console's cookie beside it. */
export async function logIn(services: AdminServices, call: PublicCall<z.infer<typeof loginInput>>): Promise<Answer> {
  const { username, email, password } = call.body;
  const user = await acceptedUser(services, username ?? email ?? '', password);
  const signer = await services.signer();
  const [token, session] = await Promise.all([signer.sign(user, services.clock()), services.sessions.begin(user.id)]);
  return {
    headers: { 'set-cookie': sessionCookie(session.token) },
    json: {
      success: true,
      message: 'Signed in.',
      access_token: token,
      token,
      token_type: 'bearer',
      expires_in: ACCESS_TOKEN_LIFE_SECONDS,
      user: viewUser(user),
    },
  };
}

/** The console's form: administrators only, nothing but the cookie. */
export async function logInToConsole(
  services: AdminServices,
  call: PublicCall<z.infer<typeof adminLoginInput>>,
): Promise<Answer> {
  const user = await acceptedUser(services, call.body.username, call.body.password);
  if (!roleHas(user.role, 'usage:any')) {
    throw new GatewayError('forbidden', { message: 'This login is for administrators.' });
  }
  const session = await services.sessions.begin(user.id);
  return {
    headers: { 'set-cookie': sessionCookie(session.token) },
    json: { success: true, expires_at: session.expiresAt },
  };
}

/** Ends the cookie session; an access token that was handed out ends by itself. */
export async function logOut(services: AdminServices, call: { request: PlainRequest }): Promise<Answer> {
  const token = readCookie(call.request.headers['cookie'], SESSION_COOKIE);
  if (token) await services.sessions.end(token);
  return {
    headers: { 'set-cookie': writeCookie(SESSION_COOKIE, '', 0) },
    json: { success: true, message: 'Signed out. An access token stays valid until it expires.' },
  };
}

export async function showMe(_services: AdminServices, call: OwnCall): Promise<Answer> {
  const user = viewUser(call.caller.user);
  return { json: { success: true, ...user, data: user, permissions: permissionsOf(call.caller.user.role) } };
}

export async function showSession(_services: AdminServices, call: OwnCall): Promise<Answer> {
  const { user } = call.caller;
  return { json: { success: true, user: viewUser(user), permissions: permissionsOf(user.role) } };
}

async function acceptedUser(services: AdminServices, login: string, password: string): Promise<User> {
  const verdict = await services.users.logIn(login, password);
  if (verdict.outcome === 'accepted') return verdict.user;
  if (verdict.outcome === 'account-disabled') {
    throw new GatewayError('account_disabled', { message: 'This account is disabled.' });
  }
  throw new GatewayError('invalid_credentials', { message: 'User name or password is wrong.' });
}
