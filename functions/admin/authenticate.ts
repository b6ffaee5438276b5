import { SESSION_LIFE_MS } from '@sluice/core/identity/sessions';
import type { User } from '@sluice/core/identity/store';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { readCookie, writeCookie } from '@sluice/kit/http/cookies';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import type { Caller } from './route.ts';
import type { AdminServices } from './services.ts';

/** The console's. It slides, and opens what an access token opens. */
const SESSION_COOKIE = 'sluice_session';
/** One of the contracts keeps its access token in a cookie of this name. It is taken, and never set here. */
const TOKEN_COOKIE = 'auth-token';

interface Authenticated {
  caller: Caller;
  /** Cookies to send along: a session that slid is given out anew. */
  setCookie: string | null;
}

/**
 * By access token, else by a cookie.
 * @throws GatewayError 401 `missing_session`, `session_expired`, `invalid_token`, `token_expired`; 403
 *   `account_disabled`, `origin_refused`
 */
export async function authenticate(services: AdminServices, request: PlainRequest): Promise<Authenticated> {
  const bearer = readBearer(request);
  if (bearer !== null) return { caller: await callerOfToken(services, bearer, 'token'), setCookie: null };
  const { cookie } = request.headers;
  const token = readCookie(cookie, SESSION_COOKIE);
  if (token) {
    checkPageOrigin(request);
    const used = await services.sessions.use(token);
    if (!used) throw sessionExpired();
    const caller: Caller = { user: stillActive(used.user), by: 'cookie', sessionId: used.session.id };
    return { caller, setCookie: used.slid ? sessionCookie(token) : null };
  }
  const kept = readCookie(cookie, TOKEN_COOKIE);
  if (!kept) throw new GatewayError('missing_session', { message: 'Please sign in first.' });
  checkPageOrigin(request);
  return { caller: await callerOfToken(services, kept, 'cookie'), setCookie: null };
}

function readBearer(request: Pick<PlainRequest, 'headers'>): string | null {
  return /^bearer\s+(\S+)\s*$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? null;
}

export function sessionCookie(token: string): string {
  return writeCookie(SESSION_COOKIE, token, SESSION_LIFE_MS / 1000);
}

/** Takes back every cookie that signs somebody in, as far as this request carries it. */
export function clearedCookies(request: Pick<PlainRequest, 'headers'>): string[] {
  const kept = readCookie(request.headers['cookie'], TOKEN_COOKIE) === null ? [] : [writeCookie(TOKEN_COOKIE, '', 0)];
  return [writeCookie(SESSION_COOKIE, '', 0), ...kept];
}

/** The access tokens that a request presents, and its console cookie. */
export function presentedTokens(request: Pick<PlainRequest, 'headers'>): { access: string[]; cookie: string | null } {
  const { cookie } = request.headers;
  const access = [readBearer(request), readCookie(cookie, TOKEN_COOKIE)].filter((token) => token !== null);
  return { access, cookie: readCookie(cookie, SESSION_COOKIE) };
}

/** A cookie that opens nothing any more is taken back, or the browser would send it for hours. */
function sessionExpired(): GatewayError {
  return new GatewayError('session_expired', {
    message: 'Your session is over. Please sign in again.',
    headers: { 'set-cookie': writeCookie(SESSION_COOKIE, '', 0) },
  });
}

async function callerOfToken(services: AdminServices, token: string, by: Caller['by']): Promise<Caller> {
  const headers: Record<string, string> = by === 'cookie' ? { 'set-cookie': writeCookie(TOKEN_COOKIE, '', 0) } : {};
  const verdict = await services.verifyToken(token);
  if (verdict.outcome === 'expired') {
    const message = 'The access token has expired. Please sign in again.';
    throw new GatewayError('token_expired', { message, headers });
  }
  const found =
    verdict.outcome === 'valid' && (await services.sessions.find(verdict.claims.sessionId, verdict.claims.userId));
  if (!found) {
    throw new GatewayError('invalid_token', {
      message: 'This is not a valid access token. Keys of the data plane do not open this path.',
      headers,
    });
  }
  return { user: stillActive(found.user), by, sessionId: found.session.id };
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
