import { createPublicKey, verify } from 'node:crypto';
import { craftTokens } from '../../support/crafted-tokens.ts';
import { createAccessTokenSigner, verifyAccessToken } from '../../../layers/core/identity/access-tokens.ts';

const USER = { id: 'usr_1', username: 'ann', role: 'admin' } as const;
const NOW = Date.parse('2026-03-01T00:00:00Z');
const signer = createAccessTokenSigner({ seed: 'seed-a', version: 'v1' });
const publicKeyOf = async (version: string) => (version === 'v1' ? signer.publicKey : null);

function decode(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
}

describe('access tokens', () => {
  it('carry subject, name, role, id, times and type, and the version of their key', async () => {
    const [header, payload] = (await signer.sign(USER, 'ses_1', NOW)).split('.');
    expect(decode(header)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: 'v1' });
    expect(decode(payload)).toEqual({
      sub: 'usr_1',
      username: 'ann',
      role: 'admin',
      type: 'access',
      sid: 'ses_1',
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
      iat: NOW / 1000,
      exp: NOW / 1000 + 86_400,
    });
  });

  it('verify with nothing but the published key, also outside our own code', async () => {
    const token = await signer.sign(USER, 'ses_1', NOW);
    const [header, payload, signature] = token.split('.');
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(signer.publicKey, 'base64').toString('base64url') };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature ?? '', 'base64url'))).toBe(
      true,
    );
    expect(await verifyAccessToken({ token, publicKeyOf, nowMs: NOW })).toMatchObject({
      outcome: 'valid',
      claims: { userId: 'usr_1', role: 'admin', sessionId: 'ses_1' },
    });
  });

  it('have the same key for the same seed and version, and another for any other', () => {
    expect(createAccessTokenSigner({ seed: 'seed-a', version: 'v1' }).publicKey).toBe(signer.publicKey);
    expect(createAccessTokenSigner({ seed: 'seed-a', version: 'v2' }).publicKey).not.toBe(signer.publicKey);
    expect(createAccessTokenSigner({ seed: 'seed-b', version: 'v1' }).publicKey).not.toBe(signer.publicKey);
  });

  it('are refused when any part is altered', async () => {
    const parts = (await signer.sign(USER, 'ses_1', NOW)).split('.');
    const raised = Buffer.from(JSON.stringify({ ...(decode(parts[1]) as object), role: 'super_admin' })).toString(
      'base64url',
    );
    const token = [parts[0], raised, parts[2]].join('.');
    expect(await verifyAccessToken({ token, publicKeyOf, nowMs: NOW })).toEqual({ outcome: 'invalid' });
  });

  it('are refused under another key, an unknown version and after their day', async () => {
    const other = await createAccessTokenSigner({ seed: 'seed-b', version: 'v1' }).sign(USER, 'ses_1', NOW);
    const unknown = await createAccessTokenSigner({ seed: 'seed-a', version: 'v9' }).sign(USER, 'ses_1', NOW);
    const token = await signer.sign(USER, 'ses_1', NOW);
    expect(await verifyAccessToken({ token: other, publicKeyOf, nowMs: NOW })).toEqual({ outcome: 'invalid' });
    expect(await verifyAccessToken({ token: unknown, publicKeyOf, nowMs: NOW })).toEqual({ outcome: 'invalid' });
    expect(await verifyAccessToken({ token, publicKeyOf, nowMs: NOW + 86_400_000 })).toEqual({ outcome: 'expired' });
    expect((await verifyAccessToken({ token, publicKeyOf, nowMs: NOW + 86_399_000 })).outcome).toBe('valid');
  });

  it.each(['', 'a.b.c', 'eyJ9.eyJ9.x', 'eyJhbGciOiJub25lIn0.e30.e30'])('are not %p', async (token) => {
    expect(await verifyAccessToken({ token, publicKeyOf, nowMs: NOW })).toEqual({ outcome: 'invalid' });
  });

  describe('as an attacker would write them', () => {
    const { right, wrong } = craftTokens({ seed: 'seed-a', userId: 'usr_1', sessionId: 'ses_1', nowMs: NOW });

    it('are valid when they are right in everything', async () => {
      expect(await verifyAccessToken({ token: right, publicKeyOf, nowMs: NOW })).toMatchObject({ outcome: 'valid' });
    });

    it.each(wrong)('%s are refused', async (_title, token) => {
      expect(await verifyAccessToken({ token, publicKeyOf, nowMs: NOW })).toEqual({ outcome: 'invalid' });
    });
  });
});
