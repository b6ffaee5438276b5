import { createHmac } from 'node:crypto';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { createHmacSha256 } from '../../../layers/kit/crypto/hmac-sha256.ts';

describe('HMAC-SHA-256', () => {
  it("is Node's own for every key and message, however often the key is used", () => {
    const key = fc.uint8Array({ maxLength: 140 });
    const messages = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(key, messages, (bytes, texts) => {
        const hmac = createHmacSha256(bytes);
        return texts.every((text) => hmac(text) === createHmac('sha256', bytes).update(text).digest('hex'));
      }),
    );
  });

  it('takes a text for its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (key) => {
        return createHmacSha256(key)('message') === createHmac('sha256', key).update('message').digest('hex');
      }),
    );
  });
});
