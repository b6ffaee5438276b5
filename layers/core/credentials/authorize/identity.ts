import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { claimsOfJwt, readMembers } from '../refresh/grant.ts';

/** Who signed in at an authorization server, as far as it says. */
export interface SignedIn {
  /** Names the account there without telling it; null where the server told nothing of it. */
  digest: string | null;
  email: string | null;
}

const LONGEST_EMAIL = 320;

/**
 * From the ID token (OpenID Connect Core §3.1.3.7: one that comes from the token endpoint itself needs no check of its
 * signature), else from an access token that is a JWT.
 */
export function signedInBy(answer: { headers: IncomingHttpHeaders; body: Buffer }): SignedIn {
  const members = readMembers(answer);
  const tokens = [members['id_token'], members['access_token']].map((token) => textOf(token));
  const all = tokens.map((token) => claimsOfJwt(token));
  const email = all.map(emailIn).find((found) => found !== null) ?? null;
  const named = all.find((claims) => textOf(claims['sub']) !== null);
  const account = named ? `sub\n${textOf(named['iss']) ?? ''}\n${textOf(named['sub'])}` : email && `email\n${email}`;
  return { digest: account === null ? null : createHash('sha256').update(account).digest('hex'), email };
}

/** Microsoft writes the address into `preferred_username` where `email` is not asked for. */
function emailIn(claims: Record<string, unknown>): string | null {
  const found = [claims['email'], claims['preferred_username']].map(textOf).find((text) => text?.includes('@'));
  return found && found.length <= LONGEST_EMAIL ? found.toLowerCase() : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
