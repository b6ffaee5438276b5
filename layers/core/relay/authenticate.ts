import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import { isPlausibleApiKey } from '@sluice/kit/ids/api-key';
import type { CatalogStore, PublicKey } from '../catalog/store.ts';
import { looksLikeAccessToken, verifyAccessToken } from '../identity/access-tokens.ts';
import type { AccessTokenClaims } from '../identity/access-tokens.ts';
import { hasOutlived, type SessionStore } from '../identity/session-store.ts';
import type { ApiKey, IdentityStore, User } from '../identity/store.ts';
import { checkKey, checkUser, keyOfToken, type Purpose } from './caller-state.ts';

/** Who asks: the key that was presented and the user it belongs to. */
export interface Caller {
  key: ApiKey;
  user: User;
}

export interface AuthenticateDeps {
  identity: Pick<IdentityStore, 'findKeyByDigest' | 'findUserById'>;
  sessions: Pick<SessionStore, 'find'>;
  /** A secret's digests under every pepper in use, the newest first. */
  digestsOf(secret: string): readonly string[];
  /** At most 10 s: how long a key or a user that was switched off may still be believed. */
  cacheLifeMs: number;
  catalog: Pick<CatalogStore, 'findPublicKey'>;
}

/** Tells who presents these headers, at wall clock time `nowMs`. @throws GatewayError in the order of §13's refusals */
export type Authenticate = (request: Presented, nowMs: number, purpose?: Purpose) => Promise<Caller>;

type Presented = Pick<PlainRequest, 'headers' | 'query' | 'clientAddress'>;

const MOST_CACHED = 10_000;
/** Longer than any key, and short enough to be hashed without a thought. */
const LONGEST_SECRET = 1_024;

export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  const { identity, digestsOf, cacheLifeMs } = deps;
  const keys = createTimedCache<ApiKey | null>({ lifeMs: cacheLifeMs, max: MOST_CACHED });
  const users = createTimedCache<User | null>({ lifeMs: cacheLifeMs, max: MOST_CACHED });

  const findKey = async (secret: string): Promise<ApiKey | null> => {
    if (secret.length > LONGEST_SECRET || !isPlausibleApiKey(secret)) return null;
    for (const digest of digestsOf(secret)) {
      const key = await keys.get(digest, () => identity.findKeyByDigest(digest));
      if (key) return key;
    }
    return null;
  };

  const findUser = (id: string): Promise<User | null> => asStore(users.get(id, () => identity.findUserById(id)));
  const readToken = createTokenReader(deps);
  const findSignedIn = createSessionReader(deps);

  return async (request, nowMs, purpose = 'inference') => {
    const vouched = VOUCHED.get(request.headers);
    if (vouched !== undefined) return vouched;
    const secret = presentedSecret(request);
    if (secret === null) throw missingKey();
    if (looksLikeAccessToken(secret)) {
      const owner = await findSignedIn(await readToken(secret, nowMs));
      if (!owner) throw invalidToken();
      checkUser(owner, purpose);
      return { key: keyOfToken(owner, request.headers), user: owner };
    }
    const key = await asStore(findKey(secret));
    if (!key) throw invalidKey();
    checkKey(key, request, nowMs);
    const user = await findUser(key.ownerId);
    if (!user) throw invalidKey();
    checkUser(user, purpose);
    return { key, user };
  };
}

const VOUCHED = new WeakMap<PlainRequest['headers'], Caller>();

/** A kept request carries no secret: whoever runs it has read its caller anew, and says so of these very headers. */
export function vouchFor(headers: PlainRequest['headers'], caller: Caller): void {
  VOUCHED.set(headers, caller);
}

/** Of a published key that was not found the absence is believed no longer than this. */
const PUBLIC_KEY_LIFE_MS = 60_000;

/** Access tokens of the console's and the other contracts' logins: verified with what the admin function published. */
function createTokenReader({
  catalog,
}: AuthenticateDeps): (token: string, nowMs: number) => Promise<AccessTokenClaims> {
  const publicKeys = createTimedCache<PublicKey | null>({ lifeMs: PUBLIC_KEY_LIFE_MS, max: 16 });
  const publicKeyOf = async (version: string): Promise<string | null> => {
    const key = await asStore(publicKeys.get(version, () => catalog.findPublicKey('signing', version)));
    if (key === null) publicKeys.forget(version);
    return key?.publicKey ?? null;
  };
  return async (token, nowMs) => {
    if (token.length > LONGEST_TOKEN) throw invalidToken();
    const verified = await verifyAccessToken({ token, publicKeyOf, nowMs });
    if (verified.outcome === 'valid') return verified.claims;
    if (verified.outcome === 'invalid') throw invalidToken();
    throw new GatewayError('token_expired', { message: 'This access token has expired. Please log in again.' });
  };
}

const LONGEST_TOKEN = 4_096;

/**
 * The user of an access token; null when the user or the session is gone or over. The two are read and believed
 * together, apart from the users of keys, so that a session is never held against a later stamp than its own.
 */
function createSessionReader({
  identity,
  sessions,
  cacheLifeMs,
}: AuthenticateDeps): (claims: AccessTokenClaims) => Promise<User | null> {
  const users = createTimedCache<User | null>({ lifeMs: cacheLifeMs, max: MOST_CACHED });
  const read = async ({ userId, sessionId }: AccessTokenClaims): Promise<User | null> => {
    const [user, session] = await Promise.all([identity.findUserById(userId), sessions.find(sessionId)]);
    if (!user || session?.userId !== userId) return null;
    if (hasOutlived(session, user)) return user;
    // A change of the password may have come between the two reads, which this session has outlived.
    const again = await sessions.find(sessionId);
    return again && hasOutlived(again, user) ? user : null;
  };
  return (claims) => asStore(users.get(claims.sessionId, () => read(claims)));
}

function invalidToken(): GatewayError {
  return new GatewayError('invalid_token', { message: 'This access token is not valid.' });
}

/** Where SDKs put a key beside `authorization: Bearer KEY`: Anthropic's, Google's, Azure's. */
const KEY_HEADERS = ['x-api-key', 'x-goog-api-key', 'api-key'];
/** Google's and the chat surface's. */
const KEY_PARAMETERS = ['key', 'apiKey', 'api_key'];

function presentedSecret({ headers, query }: Omit<Presented, 'clientAddress'>): string | null {
  const { authorization } = headers;
  if (authorization !== undefined && authorization.slice(0, 7).toLowerCase() === 'bearer ') {
    const secret = authorization.slice(7).trim();
    if (secret !== '') return secret;
  }
  for (const name of KEY_HEADERS) {
    const secret = headers[name]?.trim();
    if (secret) return secret;
  }
  if (query === '') return null;
  const parameters = new URLSearchParams(query);
  return KEY_PARAMETERS.map((name) => parameters.get(name)?.trim()).find(Boolean) ?? null;
}

function missingKey(): GatewayError {
  return new GatewayError('missing_key', {
    message: "No API key was presented. Send it as 'Authorization: Bearer YOUR_KEY'.",
  });
}

function invalidKey(): GatewayError {
  return new GatewayError('invalid_api_key', { message: 'Incorrect API key provided.' });
}

/** A store that does not answer is no reason to call a good key wrong. */
export async function asStore<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (cause) {
    if (isGatewayError(cause)) throw cause;
    throw new GatewayError('store_unavailable', {
      message: 'The gateway could not read its own data. Please try again.',
      retryAfterSeconds: 1,
      internal: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** @throws GatewayError `model_not_allowed` */
export function assertModelAllowed(key: ApiKey, model: string): void {
  if (mayUse(key, model)) return;
  throw new GatewayError('model_not_allowed', {
    message: `This API key may not use the model '${model}'.`,
    param: 'model',
  });
}

export function mayUse(key: ApiKey, model: string): boolean {
  return key.models.includes('*') || key.models.includes(model);
}
