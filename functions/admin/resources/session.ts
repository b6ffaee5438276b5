import type { adminLoginInput, loginInput, logoutInput, refreshInput } from '@sluice/contract/session';
import { ACCESS_TOKEN_LIFE_SECONDS } from '@sluice/core/identity/access-tokens';
import { permissionsOf, roleHas } from '@sluice/core/identity/permissions';
import type { Visitor } from '@sluice/core/identity/sessions';
import type { User } from '@sluice/core/identity/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import type { z } from 'zod';
import { noteSignIn } from '../audit-rule.ts';
import { clearedCookies, presentedTokens, sessionCookie } from '../authenticate.ts';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { viewUser } from './view-user.ts';

type PublicCall<Body> = Call<Body, Record<string, never>, null>;
type OwnCall = Call<undefined, Record<string, never>, Caller>;

/** One answer that the readers of three contracts understand, and the console's cookie beside it. */
export async function logIn(services: AdminServices, call: PublicCall<z.infer<typeof loginInput>>): Promise<Answer> {
  const { username, email, password } = call.body;
  const user = await acceptedUser(services, call.request, { login: username || email || '', password });
  noteSignIn(call.audit, user);
  const begun = await services.sessions.begin(user, visitorOf(call.request), { cookie: true, refresh: true });
  const tokens = await viewTokens(services, user, { sessionId: begun.session.id, refreshToken: begun.refreshToken });
  return {
    headers: { 'set-cookie': sessionCookie(begun.cookieToken ?? '') },
    json: { success: true, message: 'Signed in.', ...tokens, user: await viewOwnUser(services, user) },
  };
}

/** The console's form: administrators only, nothing but the cookie. */
export async function logInToConsole(
  services: AdminServices,
  call: PublicCall<z.infer<typeof adminLoginInput>>,
): Promise<Answer> {
  const { username: login, password } = call.body;
  const user = await acceptedUser(services, call.request, { login, password });
  if (!roleHas(user.role, 'usage:any')) {
    throw new GatewayError('forbidden', { message: 'This login is for administrators.' });
  }
  noteSignIn(call.audit, user);
  const begun = await services.sessions.begin(user, visitorOf(call.request), { cookie: true, refresh: false });
  return {
    headers: { 'set-cookie': sessionCookie(begun.cookieToken ?? '') },
    json: { success: true, expires_at: begun.session.cookie?.expiresAt },
  };
}

/** @throws GatewayError 401 `invalid_token`, `token_expired`; 403 `account_disabled` */
export async function refreshTokens(
  services: AdminServices,
  call: PublicCall<z.infer<typeof refreshInput>>,
): Promise<Answer> {
  // Whatever can fail comes before the old token is used up.
  await services.signer();
  const refreshed = await services.sessions.refresh(call.body.refresh_token);
  switch (refreshed.outcome) {
    case 'refreshed': {
      const { user, session, refreshToken } = refreshed;
      const tokens = await viewTokens(services, user, { sessionId: session.id, refreshToken });
      return { json: { success: true, message: 'Refreshed.', ...tokens } };
    }
    case 'account-disabled':
      throw new GatewayError('account_disabled', { message: 'This account is disabled.' });
    case 'expired':
      throw new GatewayError('token_expired', { message: 'The refresh token has expired. Please sign in again.' });
    case 'invalid':
      throw new GatewayError('invalid_token', {
        message: 'This is not a refresh token that may still be used. Please sign in again.',
      });
  }
}

/**
 * Ends the session of everything that was presented: access token, refresh token, cookie. Signing out twice, or with
 * nothing at all, is no mistake; only a token that is wrong, alone, is told.
 */
export async function logOut(services: AdminServices, call: PublicCall<z.infer<typeof logoutInput>>): Promise<Answer> {
  const { access, cookie } = presentedTokens(call.request);
  const refresh = call.body?.refresh_token;
  const ended = await Promise.all([
    ...access.map((token) => endByAccessToken(services, token)),
    cookie !== null && services.sessions.endByCookie(cookie),
    refresh ? services.sessions.endByRefreshToken(refresh) : false,
  ]);
  if (access.length > 0 && !ended.includes(true) && cookie === null) {
    throw new GatewayError('invalid_token', { message: 'This is not a valid access token.' });
  }
  return {
    headers: { 'set-cookie': clearedCookies(call.request) },
    json: { success: true, message: 'Signed out.' },
  };
}

async function endByAccessToken(services: AdminServices, token: string): Promise<boolean> {
  const verdict = await services.verifyToken(token);
  if (verdict.outcome !== 'valid') return false;
  const { sessionId, userId } = verdict.claims;
  const found = await services.sessions.find(sessionId, userId);
  if (found) await services.sessions.end(sessionId);
  return found !== null;
}

export async function showMe(services: AdminServices, call: OwnCall): Promise<Answer> {
  const user = await viewOwnUser(services, call.caller.user);
  return { json: { success: true, ...user, data: user, permissions: permissionsOf(call.caller.user.role) } };
}

export async function showSession(services: AdminServices, call: OwnCall): Promise<Answer> {
  const { user } = call.caller;
  return { json: { success: true, user: await viewOwnUser(services, user), permissions: permissionsOf(user.role) } };
}

/** @throws GatewayError 429 whoever the name belongs to, 401, 403 */
async function acceptedUser(
  services: AdminServices,
  request: PlainRequest,
  { login, password }: { login: string; password: string },
): Promise<User> {
  const { clientAddress } = request;
  const { allowed, retryAfterSeconds } = await services.loginThrottle.take(login, clientAddress);
  if (!allowed) {
    throw new GatewayError('rate_limit_exceeded', {
      message: 'Too many attempts to sign in. Please try again later.',
      retryAfterSeconds,
    });
  }
  const verdict = await services.users.logIn(login, password);
  if (verdict.outcome === 'wrong-credentials') {
    throw new GatewayError('invalid_credentials', { message: 'User name or password is wrong.' });
  }
  // A count that stays is no reason to turn away who has the password.
  const owner = verdict.outcome === 'accepted' ? verdict.user : undefined;
  await services.loginThrottle.succeed(login, clientAddress, owner).catch((error: unknown) => {
    services.log.warn('login_count_kept', { internal: String(error) });
  });
  if (verdict.outcome === 'accepted') return verdict.user;
  throw new GatewayError('account_disabled', { message: 'This account is disabled.' });
}

async function viewTokens(
  services: AdminServices,
  user: User,
  given: { sessionId: string; refreshToken: string | null },
): Promise<object> {
  const token = await (await services.signer()).sign(user, given.sessionId, services.clock());
  return {
    access_token: token,
    refresh_token: given.refreshToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_LIFE_SECONDS,
    token,
  };
}

/** As users see themselves: whether the console asks for a new password is a setting too. */
async function viewOwnUser(services: AdminServices, user: User): Promise<ReturnType<typeof viewUser>> {
  const view = viewUser(user);
  if (!view.must_change_password) return view;
  const { forcedPasswordChange } = await services.catalog.readSettings();
  return { ...view, must_change_password: forcedPasswordChange };
}

function visitorOf({ headers, clientAddress }: PlainRequest): Visitor {
  return { userAgent: headers['user-agent'] ?? '', address: clientAddress };
}
