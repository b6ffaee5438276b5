import { mayUseToken } from '@sluice/core/identity/access-tokens';
import { SESSION_LIFE_MS } from '@sluice/core/identity/sessions';
import type { User } from '@sluice/core/identity/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { readCookie, writeCookie } from '@sluice/kit/http/cookies';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import type { Caller } from './route.ts';
import type { AdminServices } from './services.ts';

export const SESSION_COOKIE = 'sluice_session';

interface Authenticated {
  caller: Caller;
  /** Cookies to send along: a session that slid is given out anew. */
  setCookie: string | null;
}

/**
 * By access token, else by the console's cookie.
 * @throws GatewayError 401 `missing_session`, `session_expired`, `invalid_token`, `token_expired`; 403
 *   `account_disabled`, `origin_refused`
 */
export async function authenticate(services: AdminServices, request: PlainRequest): Promise<Authenticated> {
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(request.headers['authorization'] ?? '')?.[1];
  if (bearer !== undefined) {
    const user = await userOfToken(services, bearer);
    return { caller: { user: stillActive(user), by: 'token' }, setCookie: null };
  }
  const token = readCookie(request.headers['cookie'], SESSION_COOKIE);
  if (!token) throw new GatewayError('missing_session', { message: 'Please sign in first.' });
  checkPageOrigin(request);
  const used = await services.sessions.use(token);
  const user = used ? await services.identity.findUserById(used.session.userId) : null;
  if (!used || !user)
    throw new GatewayError('session_expired', { message: 'Your session is over. Please sign in again.' });
  const setCookie = used.slid ? sessionCookie(token) : null;
  return { caller: { user: stillActive(user), by: 'cookie' }, setCookie };
}

export function sessionCookie(token: string): string {
  return writeCookie(SESSION_COOKIE, token, SESSION_LIFE_MS / 1000);
}

async function userOfToken(services: AdminServices, token: string): Promise<User> {
  const verdict = await services.verifyToken(token);
  if (verdict.outcome === 'expired') {
    throw new GatewayError('token_expired', { message: 'The access token has expired. Please sign in again.' });
  }
  const user = verdict.outcome === 'valid' ? await services.identity.findUserById(verdict.claims.userId) : null;
  if (verdict.outcome !== 'valid' || !user || !mayUseToken(verdict.claims, user)) {
    throw new GatewayError('invalid_token', {
      message: 'This is not a valid access token. Keys of the data plane do not open this path.',
    });
  }
  return user;
}

function stillActive(user: User): User {
  if (!user.enabled) throw new GatewayError('account_disabled', { message: 'This account is disabled.' });
  return user;
}

/**
 * A write that rides on a cookie must come from our own pages. Browsers always name the page's origin on such calls;
 * a caller that names none is no browser, and nobody's cookie travels with it unasked.
 * @throws GatewayError `origin_refused`
 */
export function checkPageOrigin(request: PlainRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin } = request.headers;
  const ownHost = (request.headers['x-forwarded-host'] ?? request.headers['host'] ?? '').toLowerCase();
  const site = request.headers['sec-fetch-site'];
  const refused =
    origin === undefined
      ? site !== undefined && site !== 'same-origin' && site !== 'none'
      : !URL.canParse(origin) || new URL(origin).host !== ownHost;
  if (refused) throw new GatewayError('origin_refused', { message: 'This call did not come from our own pages.' });
}
