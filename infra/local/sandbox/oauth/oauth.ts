import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readGrantDirectives, type GrantDirectives } from './directives.ts';
import { createAccessTokens, createFamilies, type AccessTokens, type Families, type Family } from './families.ts';

/** The client that has a secret; any other client id is a public client. */
const CONFIDENTIAL_CLIENT = 'sandbox-confidential';
const CLIENT_SECRET = 'sandbox-client-secret';
const CODE_LIFE_MS = 60_000;
const MOST_GRANTS = 20_000;

/** One call of the token endpoint. No token is in it. */
export interface LoggedGrant {
  at: string;
  grantType: string;
  clientId: string;
  family: string | null;
  /** Which of the family's tokens was shown. */
  generation: number | null;
  outcome: string;
  /** Port and forwarding headers of the caller, which tell a proxy. */
  via: string | null;
  remotePort: number | null;
}

/**
 * An authorization server (RFC 6749) with single-use refresh tokens:
 *
 *   POST /oauth/token       grants refresh_token and authorization_code
 *   GET  /oauth/authorize   authorization code with PKCE (RFC 7636), signed in and agreed at once; as somebody new, or
 *                           as whom `login_hint` names
 *   GET  /__oauth           grants and families, or those of ?family=; DELETE forgets the grants
 *   POST /__oauth/release  {"family": "alice--gate"}: what waits there is answered; tells how many that were
 *   POST /__oauth/revoke    {"family": "alice"} or {}: access tokens that were issued so far are refused from now on
 */
export interface OAuthServer {
  handles(path: string): boolean;
  answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void>;
  /** Whether an access token is good; null where it is none of ours. */
  check(token: string): boolean | null;
}

interface Code {
  clientId: string;
  redirectUri: string;
  challenge: string | null;
  /** Null: somebody new. */
  account: string | null;
  isOpenId: boolean;
  expiresAt: number;
}

interface State {
  families: Families;
  access: AccessTokens;
  codes: Map<string, Code>;
  grants: LoggedGrant[];
  /** What waits to be let go, by family. */
  gates: Map<string, (() => void)[]>;
  signIns: number;
}

export function createOAuthServer(): OAuthServer {
  const state: State = {
    families: createFamilies(),
    access: createAccessTokens(),
    codes: new Map(),
    grants: [],
    gates: new Map(),
    signIns: 0,
  };
  return {
    handles: (path) => path.startsWith('/oauth/') || path.startsWith('/__oauth'),
    check: (token) => state.access.check(token),
    async answer(request, response, body) {
      const url = new URL(request.url ?? '/', 'http://sandbox');
      const call = `${request.method} ${url.pathname}`;
      if (call === 'POST /oauth/token')
        return grant(state, { request, response, form: new URLSearchParams(body.toString()) });
      if (call === 'GET /oauth/authorize') return authorize(state, url.searchParams, response);
      if (call === 'GET /__oauth') return send(response, 200, stateOf(state, url.searchParams.get('family')));
      if (call === 'DELETE /__oauth') {
        state.grants = [];
        return send(response, 200, { grants: [] });
      }
      if (call === 'POST /__oauth/release') {
        const { family } = JSON.parse(body.toString() || '{}') as { family?: string };
        const waiting = state.gates.get(family ?? '') ?? [];
        state.gates.delete(family ?? '');
        for (const letGo of waiting) letGo();
        return send(response, 200, { released: waiting.length });
      }
      if (call === 'POST /__oauth/revoke') {
        const { family = null } = JSON.parse(body.toString() || '{}') as { family?: string | null };
        return send(response, 200, { revoked: state.access.revoke(family) });
      }
      return send(response, 404, { error: `the sandbox has no ${call}` });
    },
  };
}

function stateOf({ grants, families }: State, family: string | null): { grants: LoggedGrant[]; families: Family[] } {
  const all = families.all();
  if (family === null) return { grants, families: all };
  return {
    grants: grants.filter((one) => one.family === family),
    families: all.filter(({ name }) => name === family),
  };
}

interface GrantCall {
  request: IncomingMessage;
  response: ServerResponse;
  form: URLSearchParams;
}

async function grant(state: State, call: GrantCall): Promise<void> {
  const { request, response, form } = call;
  const { clientId, secret } = clientOf(request, form);
  const logged: LoggedGrant = {
    at: new Date().toISOString(),
    grantType: form.get('grant_type') ?? '',
    clientId,
    family: null,
    generation: null,
    outcome: '',
    via: textOf(request.headers['via']) ?? textOf(request.headers['x-sandbox-proxy']),
    remotePort: request.socket.remotePort ?? null,
  };
  state.grants.push(logged);
  if (state.grants.length > MOST_GRANTS) state.grants.shift();
  const isKnown = clientId !== '' && (clientId !== CONFIDENTIAL_CLIENT || secret === CLIENT_SECRET);
  if (!isKnown) return refuse(response, logged, { status: 401, error: 'invalid_client' });
  if (logged.grantType === 'authorization_code') return grantCode(state, { ...call, clientId, logged });
  if (logged.grantType !== 'refresh_token')
    return refuse(response, logged, { status: 400, error: 'unsupported_grant_type' });
  const presented = state.families.find(form.get('refresh_token') ?? '');
  if (presented === null) return refuse(response, logged, { status: 400, error: 'invalid_grant' });
  const { family, generation } = presented;
  logged.family = family.name;
  logged.generation = generation;
  const directives = readGrantDirectives([family.name, clientId], family.asked);
  family.asked += 1;
  if (directives.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, directives.delayMs));
  if (directives.gate) {
    await new Promise<void>((resolve) => {
      state.gates.set(family.name, [...(state.gates.get(family.name) ?? []), resolve]);
    });
  }
  if (directives.cutBefore) return breakOff(response, logged, 'cut before');
  if (directives.refusal) return refuse(response, logged, directives.refusal, directives.retryAfterSeconds);
  if (family.revoked || (generation !== family.current && !directives.keep)) {
    logged.outcome = family.revoked ? 'revoked' : 'reuse: family revoked';
    family.revoked = true;
    return send(response, 400, { error: 'invalid_grant', error_description: 'The refresh token is no longer good.' });
  }
  return giveTokens(state, { response, logged, family, directives });
}

function giveTokens(
  { families, access }: State,
  given: {
    response: ServerResponse;
    logged: LoggedGrant;
    family: Family;
    directives: GrantDirectives;
    further?: Record<string, string>;
  },
): void {
  const { response, logged, family, directives, further = {} } = given;
  if (!directives.keep) family.current += 1;
  family.granted += 1;
  logged.outcome = 'granted';
  if (directives.hang) {
    logged.outcome = 'granted, never answered';
    return;
  }
  if (directives.cut) return breakOff(response, logged, 'granted, cut');
  if (directives.garbage) {
    logged.outcome = 'granted, garbage';
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
    return;
  }
  return send(response, 200, {
    access_token: access.issue(family, directives),
    token_type: 'Bearer',
    ...(directives.withoutExpiresIn ? {} : { expires_in: directives.lifeSeconds }),
    ...(directives.keep ? {} : { refresh_token: families.tokenOf(family) }),
    ...further,
  });
}

/** Client and secret from HTTP Basic or from the form (RFC 6749 §2.3.1). */
function clientOf(request: IncomingMessage, form: URLSearchParams): { clientId: string; secret: string | null } {
  const basic = /^Basic (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) return { clientId: form.get('client_id') ?? '', secret: form.get('client_secret') };
  const [clientId = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(formDecoded);
  return { clientId, secret };
}

function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text}`).get('x') ?? '';
}

function authorize(state: State, query: URLSearchParams, response: ServerResponse): void {
  const redirectUri = query.get('redirect_uri') ?? '';
  const clientId = query.get('client_id') ?? '';
  if (!URL.canParse(redirectUri) || clientId === '') return send(response, 400, { error: 'invalid_request' });
  const back = new URL(redirectUri);
  const challenge = query.get('code_challenge');
  const isPkce = challenge === null || query.get('code_challenge_method') === 'S256';
  if (query.get('response_type') !== 'code' || !isPkce) back.searchParams.set('error', 'invalid_request');
  else {
    const code = `code-${randomBytes(12).toString('hex')}`;
    const isOpenId = (query.get('scope') ?? '').split(' ').includes('openid');
    const account = /^[\w.-]+$/.exec(query.get('login_hint') ?? '')?.[0] ?? null;
    const expiresAt = Date.now() + CODE_LIFE_MS;
    state.codes.set(code, { clientId, redirectUri, challenge, account, isOpenId, expiresAt });
    back.searchParams.set('code', code);
  }
  const given = query.get('state');
  if (given !== null) back.searchParams.set('state', given);
  response.writeHead(302, { location: back.href }).end();
}

function grantCode(state: State, call: GrantCall & { clientId: string; logged: LoggedGrant }): void {
  const { form, response, clientId, logged } = call;
  const code = form.get('code') ?? '';
  const known = state.codes.get(code);
  // Good once (RFC 6749 §4.1.2).
  state.codes.delete(code);
  const verifier = form.get('code_verifier') ?? '';
  const isProven =
    known?.challenge == null || createHash('sha256').update(verifier).digest('base64url') === known.challenge;
  const isGood =
    known !== undefined &&
    known.expiresAt > Date.now() &&
    known.clientId === clientId &&
    known.redirectUri === form.get('redirect_uri') &&
    isProven;
  if (!isGood) return refuse(response, logged, { status: 400, error: 'invalid_grant' });
  state.signIns += 1;
  const name = `signin-${state.signIns}-${randomBytes(4).toString('hex')}`;
  const account = known.account ?? name;
  const family = state.families.begin(name, { current: 0, account });
  logged.family = family.name;
  const further: Record<string, string> = known.isOpenId ? { id_token: state.access.identify(account, clientId) } : {};
  const directives = readGrantDirectives([account, clientId], 0);
  if (directives.refusal) return refuse(response, logged, directives.refusal);
  return giveTokens(state, { response, logged, family, directives, further });
}

function refuse(
  response: ServerResponse,
  logged: LoggedGrant,
  { status, error }: { status: number; error: string },
  retryAfterSeconds: number | null = null,
): void {
  logged.outcome = error;
  send(response, status, { error }, retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) });
}

function breakOff(response: ServerResponse, logged: LoggedGrant, outcome: string): void {
  logged.outcome = outcome;
  response.socket?.destroy();
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  const own = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  response.writeHead(status, { ...own, 'content-length': String(Buffer.byteLength(text)), ...headers }).end(text);
}

function textOf(value: string | string[] | undefined): string | null {
  return value === undefined ? null : String(value);
}
