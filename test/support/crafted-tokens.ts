import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  sign,
  type KeyObject,
} from 'node:crypto';

/** Access tokens as an attacker would write them, and one that is right, so that the tests of them can fail. */

interface Facts {
  /** Of the signing key, which no attacker has: for tokens that are wrong in something else than their signature. */
  seed: string;
  userId: string;
  sessionId: string;
  nowMs: number;
}

/** The key of `core/identity/access-tokens.ts`, made again from its description. */
function signingKey(seed: string): KeyObject {
  const raw = Buffer.from(hkdfSync('sha256', seed, '', 'sluice/signing/ed25519/v1', 32));
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), raw]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(header: object, payload: object, key: KeyObject): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

function hmac(header: object, payload: object, secret: string | Buffer): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function without<Fields extends object>(fields: Fields, name: keyof Fields): object {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));
}

export function craftTokens({ seed, userId, sessionId, nowMs }: Facts): {
  right: string;
  expired: string;
  wrong: [title: string, token: string][];
} {
  const key = signingKey(seed);
  const publicKey = createPublicKey(key);
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const raw = spki.subarray(-32);
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const strangersKey = createPublicKey(stranger).export({ format: 'jwk' });
  const header = { alg: 'EdDSA', typ: 'JWT', kid: 'v1' };
  const seconds = Math.floor(nowMs / 1000);
  const claims = {
    sub: userId,
    username: 'ann',
    role: 'user',
    type: 'access',
    sid: sessionId,
    jti: 'a-token',
    iat: seconds,
    exp: seconds + 3600,
  };
  const right = signed(header, claims, key);
  const [head = '', payload = '', signature = ''] = right.split('.');
  const unsigned = `${encode({ ...header, alg: 'none' })}.${payload}`;
  const byHmac = { ...header, alg: 'HS256' };
  const names = Object.keys(claims) as (keyof typeof claims)[];
  return {
    right,
    expired: signed(header, { ...claims, iat: seconds - 7200, exp: seconds - 3600 }, key),
    wrong: [
      ['signed by somebody else', signed(header, claims, stranger)],
      ['that brings its own key', signed({ ...header, jwk: strangersKey }, claims, stranger)],
      ['that says where its key is', signed({ ...header, jku: 'https://evil.example/keys' }, claims, stranger)],
      ['of alg none', `${unsigned}.`],
      ['of alg none that keeps a signature', `${unsigned}.${signature}`],
      ['of alg NONE', `${encode({ ...header, alg: 'NONE' })}.${payload}.${signature}`],
      ['signed by HMAC with the public key as it is published', hmac(byHmac, claims, raw.toString('base64'))],
      ['signed by HMAC with the bytes of the public key', hmac(byHmac, claims, raw)],
      [
        'signed by HMAC with the PEM of the public key',
        hmac(byHmac, claims, publicKey.export({ format: 'pem', type: 'spki' })),
      ],
      ['that says ES256', `${encode({ ...header, alg: 'ES256' })}.${payload}.${signature}`],
      ['without alg', `${encode({ typ: 'JWT', kid: 'v1' })}.${payload}.${signature}`],
      ['of a key version that nobody published', signed({ ...header, kid: 'v9' }, claims, key)],
      ['of a key version that names a member of objects', signed({ ...header, kid: '__proto__' }, claims, key)],
      ['without a key version', signed({ alg: 'EdDSA', typ: 'JWT' }, claims, key)],
      ['whose key version is a number', signed({ ...header, kid: 1 }, claims, key)],
      ['with a critical extension', signed({ ...header, crit: ['x'], x: 1 }, claims, key)],
      ['with another payload', `${head}.${encode({ ...claims, role: 'super_admin' })}.${signature}`],
      ['with half a signature', `${head}.${payload}.${signature.slice(0, 40)}`],
      ['of type refresh', signed(header, { ...claims, type: 'refresh' }, key)],
      ['of a role that there is not', signed(header, { ...claims, role: 'root' }, key)],
      ['that is not valid yet', signed(header, { ...claims, nbf: seconds + 600 }, key)],
      ['whose end is a text', signed(header, { ...claims, exp: String(seconds + 3600) }, key)],
      ['whose session is a list', signed(header, { ...claims, sid: [sessionId] }, key)],
      ['whose payload is no object', `${head}.${encode('text')}.${signature}`],
      ...names.map((name): [string, string] => [`without ${name}`, signed(header, without(claims, name), key)]),
    ],
  };
}
