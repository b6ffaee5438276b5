import type { IncomingHttpHeaders } from 'node:http';
import type { OAuthClient } from '../store.ts';

/*
 * Calls of a token endpoint. RFC 6749 §6 (refreshing), §4.1.3 (a code, with RFC 7636 §4.5), §5.1 and §5.2 (answers),
 * §2.3.1 (how the client identifies itself).
 */

export interface GrantRequest {
  origin: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

type GrantClient = Pick<OAuthClient, 'tokenUrl' | 'clientId' | 'clientAuth' | 'scope' | 'extra'>;

export function refreshRequest(
  client: GrantClient,
  secrets: { refreshToken: string; clientSecret: string | null },
): GrantRequest {
  const fields = { grant_type: 'refresh_token', refresh_token: secrets.refreshToken };
  return grantRequest(client, secrets.clientSecret, {
    ...fields,
    ...(client.scope === null ? {} : { scope: client.scope }),
  });
}

export function codeRequest(
  client: GrantClient,
  secrets: { code: string; verifier: string; clientSecret: string | null },
  redirectUri: string,
): GrantRequest {
  const { code, verifier, clientSecret } = secrets;
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  return grantRequest(client, clientSecret, fields);
}

function grantRequest(
  client: GrantClient,
  clientSecret: string | null,
  fields: Readonly<Record<string, string>>,
): GrantRequest {
  const form = new URLSearchParams({ ...client.extra, ...fields });
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  if (client.clientAuth === 'basic' && clientSecret !== null) {
    const pair = [client.clientId, clientSecret].map(formEncoded).join(':');
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  } else {
    form.set('client_id', client.clientId);
    if (clientSecret !== null) form.set('client_secret', clientSecret);
  }
  const body = Buffer.from(form.toString());
  const url = new URL(client.tokenUrl);
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, 'content-length': String(body.length) },
    body,
  };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

export interface GrantedTokens {
  accessToken: string | null;
  refreshToken: string | null;
  /** Epoch milliseconds; null = unknown. */
  expiresAt: number | null;
}

/** What a token endpoint said. */
export type GrantAnswer =
  | { kind: 'granted'; tokens: GrantedTokens; text: string }
  | { kind: 'invalid-grant' | 'unknown'; text: string }
  | { kind: 'refused' | 'server-error'; text: string; retryAfterMs: number | null };

/** GitHub's word for `invalid_grant`, under a 200: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens */
const INVALID_GRANTS: ReadonlySet<unknown> = new Set(['invalid_grant', 'bad_refresh_token']);

export function readGrantAnswer(
  answer: { status: number; headers: IncomingHttpHeaders; body: Buffer },
  facts: { now: number; secrets: readonly string[] },
): GrantAnswer {
  const { status, headers } = answer;
  const members = readMembers(answer);
  const said = describe(status, members, facts.secrets);
  if (status >= 500) return { kind: 'server-error', text: said, retryAfterMs: retryAfter(headers, facts.now) };
  const isSuccess = status >= 200 && status < 300;
  const tokens = isSuccess ? readTokens(members, facts.now) : null;
  if (tokens !== null) return { kind: 'granted', tokens, text: describeTokens(tokens, facts.now) };
  if (INVALID_GRANTS.has(members['error'])) return { kind: 'invalid-grant', text: said };
  if (isSuccess && members['error'] === undefined) {
    return { kind: 'unknown', text: `The token endpoint answered ${status}, and no token can be found in it.` };
  }
  return { kind: 'refused', text: said, retryAfterMs: retryAfter(headers, facts.now) };
}

/** What a token endpoint answered, by name; nothing where it cannot be read. */
export function readMembers({
  headers,
  body,
}: {
  headers: IncomingHttpHeaders;
  body: Buffer;
}): Record<string, unknown> {
  const text = body.toString('utf8');
  if (String(headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function readTokens(members: Record<string, unknown>, now: number): GrantedTokens | null {
  const accessToken = tokenIn(members['access_token']);
  const refreshToken = tokenIn(members['refresh_token']);
  if (accessToken === null && refreshToken === null) return null;
  const seconds = Number(members['expires_in'] ?? NaN);
  const expiresAt = seconds > 0 && Number.isFinite(seconds) ? now + seconds * 1000 : expiryOfJwt(accessToken);
  return { accessToken, refreshToken, expiresAt: accessToken === null ? null : expiresAt };
}

function tokenIn(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The `exp` of a JWT (RFC 7519 §4.1.4), epoch milliseconds; null for any other token. */
export function expiryOfJwt(token: string | null): number | null {
  const exp = claimsOfJwt(token)['exp'];
  return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : null;
}

/** What a JWT says; nothing for any other token. The signature is not ours to check: it came from the token endpoint itself. */
export function claimsOfJwt(token: string | null): Record<string, unknown> {
  const payload = token?.split('.')[1];
  if (payload === undefined) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function describeTokens({ refreshToken, expiresAt }: GrantedTokens, now: number): string {
  const life = expiresAt === null ? 'of unknown life' : `for ${Math.round((expiresAt - now) / 1000)} s`;
  return `Granted an access token ${life}, and ${refreshToken === null ? 'no' : 'a'} new refresh token.`;
}

const LONGEST_WORDS = 300;

/** The server's words, without anything that could be a secret: servers are known to repeat what they were sent. */
function describe(
  status: number,
  { error, error_description: words }: Record<string, unknown>,
  secrets: readonly string[],
): string {
  const code = typeof error === 'string' ? `: ${error}` : '';
  const sentence = typeof words === 'string' ? ` (${words})` : '';
  const said = withoutSecrets(`${code}${sentence}`, secrets).slice(0, LONGEST_WORDS);
  return `The token endpoint answered ${status}${said}.`;
}

/** Words of a language are shorter than tokens. */
const TOKEN_LIKE = /[\w.~+/=-]{24,}/g;

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret !== '')
    .reduce((left, secret) => left.replaceAll(secret, '[…]'), text);
  return known.replace(TOKEN_LIKE, '[…]');
}

function retryAfter(headers: IncomingHttpHeaders, now: number): number | null {
  const given = headers['retry-after'];
  if (given === undefined) return null;
  const seconds = Number(given);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  const at = Date.parse(given);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
