import { describe, expect, it } from '@jest/globals';
import { expiryOfJwt, readGrantAnswer, refreshRequest } from '../../../../layers/core/credentials/refresh/grant.ts';

const CLIENT = {
  tokenUrl: 'https://id.example/token?a=1',
  clientId: 'client:1',
  clientAuth: 'body',
  scope: null,
  extra: {},
} as const;
const NOW = 1_700_000_000_000;
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  readGrantAnswer(
    { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
    { now: NOW, secrets: ['the-refresh-token'] },
  );

describe('the request of a refresh', () => {
  it('has exactly the bytes of RFC 6749 §6, with the client in the form', () => {
    const request = refreshRequest(
      { ...CLIENT, scope: 'a b', extra: { redirect_uri: 'https://us.example/back' } },
      { refreshToken: 'r t+1', clientSecret: 's&1' },
    );
    expect(request.body.toString()).toBe(
      'redirect_uri=https%3A%2F%2Fus.example%2Fback&grant_type=refresh_token&refresh_token=r+t%2B1&scope=a+b&client_id=client%3A1&client_secret=s%261',
    );
    expect(request).toMatchObject({ origin: 'https://id.example', path: '/token?a=1' });
    expect(request.headers['content-length']).toBe(String(request.body.length));
    expect(request.headers).not.toHaveProperty('authorization');
  });

  it('has the client in HTTP Basic, form-encoded as §2.3.1 wants it, and not in the form too', () => {
    const request = refreshRequest({ ...CLIENT, clientAuth: 'basic' }, { refreshToken: 'r', clientSecret: 's&1' });
    expect(request.headers['authorization']).toBe(`Basic ${Buffer.from('client%3A1:s%261').toString('base64')}`);
    expect(request.body.toString()).toBe('grant_type=refresh_token&refresh_token=r');
  });
});

describe('the answer to a refresh', () => {
  it('gives tokens with their expiry, by the server’s word before the JWT’s', () => {
    const jwt = `x.${Buffer.from(JSON.stringify({ exp: 1_800_000_000 })).toString('base64url')}.y`;
    expect(answer(200, { access_token: jwt, refresh_token: 'r2', expires_in: 60 })).toMatchObject({
      kind: 'granted',
      tokens: { accessToken: jwt, refreshToken: 'r2', expiresAt: NOW + 60_000 },
    });
    expect(answer(200, { access_token: jwt })).toMatchObject({
      tokens: { refreshToken: null, expiresAt: 1_800_000_000_000 },
    });
    expect(answer(200, { access_token: 'opaque', expires_in: '90' })).toMatchObject({
      tokens: { expiresAt: NOW + 90_000 },
    });
    expect(answer(200, { access_token: 'opaque' })).toMatchObject({ tokens: { expiresAt: null } });
    expect(expiryOfJwt('no.jwt.at-all')).toBeNull();
  });

  it('is read as a form where the server says so', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    expect(answer(200, 'access_token=a&refresh_token=r&expires_in=10', form)).toMatchObject({
      tokens: { accessToken: 'a', refreshToken: 'r', expiresAt: NOW + 10_000 },
    });
    expect(answer(200, 'error=bad_refresh_token', form)).toMatchObject({ kind: 'invalid-grant' });
  });

  it.each([
    [400, { error: 'invalid_grant' }, 'invalid-grant'],
    [401, { error: 'invalid_grant' }, 'invalid-grant'],
    [401, { error: 'invalid_client' }, 'refused'],
    [400, { error: 'invalid_request' }, 'refused'],
    [403, '<html>', 'refused'],
    [404, '', 'refused'],
    [429, {}, 'refused'],
    [302, '', 'refused'],
    [500, { error: 'invalid_grant' }, 'server-error'],
    [503, '', 'server-error'],
    [200, '<html>', 'unknown'],
    [200, {}, 'unknown'],
    [204, '', 'unknown'],
    [200, { access_token: 5 }, 'unknown'],
  ])('of %i %j is %s', (status, body, kind) => {
    expect(answer(status, body).kind).toBe(kind);
  });

  it('says when to come again', () => {
    expect(answer(429, {}, { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000 });
    expect(answer(503, {}, { 'retry-after': new Date(NOW + 5_000).toUTCString() })).toMatchObject({
      retryAfterMs: 5_000,
    });
    expect(answer(429, {}, { 'retry-after': 'soon' })).toMatchObject({ retryAfterMs: null });
  });

  it('is told without anything that could be a secret', () => {
    const { text } = answer(400, {
      error: 'invalid_request',
      error_description: `the-refresh-token of ${'A1b2'.repeat(10)} is not known here`,
    });
    expect(text).toBe('The token endpoint answered 400: invalid_request ([…] of […] is not known here).');
    expect(answer(200, { access_token: 'access-1', refresh_token: 'refresh-2', expires_in: 60 }).text).not.toMatch(
      /access-1|refresh-2/,
    );
  });
});
