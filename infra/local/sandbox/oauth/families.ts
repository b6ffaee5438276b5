import { createHmac, randomBytes } from 'node:crypto';

/*
 * Refresh tokens of the sandbox. A family is what one sign-in brought forth: `rt-<name>` begins one, `rt-<name>.<n>.<mac>`
 * is its n-th. Each is good once; one that comes a second time revokes its whole family (RFC 9700 §4.14.2). Everything
 * is in memory; after a restart a family goes on from whichever of its tokens comes first.
 */

const KEY = 'sluice-sandbox-oauth';

export interface Family {
  name: string;
  /** Whose it is, as tokens tell. */
  account: string;
  /** Number of the one token that is good. */
  current: number;
  revoked: boolean;
  /** Grants that were asked for, and tokens that were given. */
  asked: number;
  granted: number;
}

interface Presented {
  family: Family;
  generation: number;
}

export interface Families {
  /** Null: no token of ours. */
  find(token: string): Presented | null;
  /** @param facts.current number of the token that is good */
  begin(name: string, facts?: { current?: number; account?: string }): Family;
  tokenOf(family: Family): string;
  all(): Family[];
}

const SHAPE = /^rt-([\w-]+?)(?:\.(\d+)\.([\da-f]{24}))?$/;

export function createFamilies(): Families {
  const families = new Map<string, Family>();
  const begin: Families['begin'] = (name, { current = 1, account = name } = {}) => {
    const family: Family = { name, account, current, revoked: false, asked: 0, granted: 0 };
    families.set(name, family);
    return family;
  };
  return {
    find(token) {
      const [, name = '', number, mac] = SHAPE.exec(token) ?? [];
      if (name === '') return null;
      const generation = number === undefined ? 1 : Number(number);
      if (number !== undefined && mac !== macOf(name, generation)) return null;
      return { family: families.get(name) ?? begin(name, { current: generation }), generation };
    },
    begin,
    tokenOf: ({ name, current }) => `rt-${name}.${current}.${macOf(name, current)}`,
    all: () => [...families.values()],
  };
}

function macOf(name: string, generation: number): string {
  return createHmac('sha256', KEY).update(`${name}.${generation}`).digest('hex').slice(0, 24);
}

export interface AccessTokens {
  issue(family: Pick<Family, 'name' | 'account'>, facts: { lifeSeconds: number; opaque: boolean }): string;
  /** OpenID Connect Core §2. */
  identify(account: string, clientId: string): string;
  /** Of a token that this server issued: whether it is still good. Null: of no token of ours. */
  check(token: string): boolean | null;
  /** Every token of this family, or of all, that was issued so far is refused from now on. */
  revoke(family: string | null): number;
}

/** JWTs (RFC 7519) with an HMAC, or opaque texts. */
export function createAccessTokens(): AccessTokens {
  const issued = new Map<string, { family: string; expiresAt: number; revoked: boolean }>();
  return {
    issue({ name: family, account }, { lifeSeconds, opaque }) {
      const now = Math.floor(Date.now() / 1000);
      const expiresAt = (now + lifeSeconds) * 1000;
      const id = randomBytes(12).toString('hex');
      const token = opaque ? `at-${id}` : jwt({ ...claimsOf(account), iat: now, exp: now + lifeSeconds, jti: id });
      issued.set(token, { family, expiresAt, revoked: false });
      return token;
    },
    identify(account, clientId) {
      const now = Math.floor(Date.now() / 1000);
      return jwt({ ...claimsOf(account), aud: clientId, iat: now, exp: now + 3600 });
    },
    check(token) {
      const found = issued.get(token);
      if (!found) return isJwtOfOurs(token) ? expiryOf(token) > Date.now() : null;
      return !found.revoked && found.expiresAt > Date.now();
    },
    revoke(family) {
      const concerned = [...issued.values()].filter(
        (one) => (family === null || one.family === family) && !one.revoked,
      );
      for (const one of concerned) one.revoked = true;
      return concerned.length;
    },
  };
}

function claimsOf(account: string): { iss: string; sub: string; email: string } {
  return { iss: 'sluice-sandbox', sub: account, email: `${account}@sandbox.example` };
}

function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${signatureOf(text)}`;
}

function signatureOf(text: string): string {
  return createHmac('sha256', KEY).update(text).digest('base64url');
}

function isJwtOfOurs(token: string): boolean {
  const end = token.lastIndexOf('.');
  return end > 0 && token.slice(end + 1) === signatureOf(token.slice(0, end));
}

function expiryOf(token: string): number {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
  return exp * 1000;
}
