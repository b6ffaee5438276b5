import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { digestApiKey, previewApiKey } from '../../../layers/core/identity/api-keys.ts';
import { generateApiKey } from '../../../layers/kit/ids/api-key.ts';

describe('the digest of a key', () => {
  it('is HMAC-SHA-256 in hex (RFC 4231, test case 2)', () => {
    expect(digestApiKey({ pepper: 'Jefe', secret: 'what do ya want for nothing?' })).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('differs with the pepper and with the key', () => {
    const digests = [
      digestApiKey({ pepper: 'a', secret: 'x' }),
      digestApiKey({ pepper: 'b', secret: 'x' }),
      digestApiKey({ pepper: 'a', secret: 'y' }),
    ];
    expect(new Set(digests).size).toBe(3);
  });
});

describe('the preview of a key', () => {
  it('of a generated key tells it from others by seven of its characters', () => {
    const secret = generateApiKey();
    expect(previewApiKey(secret)).toBe(`${secret.slice(0, 14)}…${secret.slice(-4)}`);
  });

  it('of any text shows at most a third of it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (secret) => {
        expect(previewApiKey(secret).length - 1).toBeLessThanOrEqual(secret.length / 3);
      }),
    );
  });
});
