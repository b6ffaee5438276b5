import { createPrivateKey, createPublicKey, hkdfSync, randomUUID, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import type { Role, User } from './store.ts';

/** Access tokens live a day, or as long as their session (`session-store.ts`). */
export const ACCESS_TOKEN_LIFE_SECONDS = 24 * 3600;

const ALGORITHM = 'EdDSA';
/** RFC 8410 §7 and §4: what stands before the 32 raw bytes of an Ed25519 private and public key. */
const PRIVATE_KEY_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

export interface AccessTokenClaims {
  userId: string;
  username: string;
  role: Role;
  tokenId: string;
  /** Whoever ends this session ends the token. */
  sessionId: string;
  /** Epoch seconds. */
  issuedAt: number;
  /** Epoch seconds. */
  expiresAt: number;
}

export interface AccessTokenSigner {
  /** Version of the seed; stands in the token as `kid`. */
  version: string;
  /** base64 of the raw Ed25519 public key: what is published in the catalog. */
  publicKey: string;
  sign(user: Pick<User, 'id' | 'username' | 'role'>, sessionId: string, nowMs: number): Promise<string>;
}

export type AccessTokenOutcome =
  { outcome: 'valid'; claims: AccessTokenClaims } | { outcome: 'invalid' } | { outcome: 'expired' };

/** The signing key of one version: HKDF-SHA-256 of the seed with a label and the version. */
export function createAccessTokenSigner(input: { seed: string; version: string }): AccessTokenSigner {
  const raw = hkdfSync('sha256', input.seed, '', `sluice/signing/ed25519/${input.version}`, 32);
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_KEY_HEAD, Buffer.from(raw)]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    version: input.version,
    publicKey: spki.subarray(PUBLIC_KEY_HEAD.length).toString('base64'),
    sign(user, sessionId, nowMs) {
      const issuedAt = Math.floor(nowMs / 1000);
      return new SignJWT({ username: user.username, role: user.role, type: 'access', sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: input.version })
        .setSubject(user.id)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_LIFE_SECONDS)
        .sign(privateKey);
    },
  };
}

/** Tells a token of this shape from a key: three parts, the first a JSON object. No judgement of its worth. */
export function looksLikeAccessToken(text: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/**
 * Checks signature, life and shape; whether user and session still stand is the caller's question.
 * @param input.publicKeyOf base64 of the published public key of a version; null when there is none
 */
export async function verifyAccessToken(input: {
  token: string;
  publicKeyOf: (version: string) => Promise<string | null>;
  nowMs: number;
}): Promise<AccessTokenOutcome> {
  if (!looksLikeAccessToken(input.token)) return { outcome: 'invalid' };
  try {
    const { alg, kid } = decodeProtectedHeader(input.token);
    if (alg !== ALGORITHM || typeof kid !== 'string') return { outcome: 'invalid' };
    const publicKey = await input.publicKeyOf(kid);
    if (publicKey === null) return { outcome: 'invalid' };
    const { payload } = await jwtVerify(input.token, publicKeyObject(publicKey), {
      algorithms: [ALGORITHM],
      currentDate: new Date(input.nowMs),
      requiredClaims: ['sub', 'jti', 'iat', 'exp'],
    });
    const { sub, jti, iat, exp, username, role, type, sid } = payload;
    if (type !== 'access' || typeof username !== 'string' || !isRole(role)) return { outcome: 'invalid' };
    if (typeof sid !== 'string') return { outcome: 'invalid' };
    if (sub === undefined || jti === undefined || iat === undefined || exp === undefined) return { outcome: 'invalid' };
    return {
      outcome: 'valid',
      claims: { userId: sub, username, role, tokenId: jti, sessionId: sid, issuedAt: iat, expiresAt: exp },
    };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { outcome: 'expired' };
    if (error instanceof errors.JOSEError || error instanceof TypeError) return { outcome: 'invalid' };
    throw error;
  }
}

function publicKeyObject(base64: string): KeyObject {
  return createPublicKey({
    key: Buffer.concat([PUBLIC_KEY_HEAD, Buffer.from(base64, 'base64')]),
    format: 'der',
    type: 'spki',
  });
}

function isRole(value: unknown): value is Role {
  return value === 'user' || value === 'admin' || value === 'super_admin';
}
