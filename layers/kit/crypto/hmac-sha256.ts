import { hash } from 'node:crypto';

/** HMAC-SHA-256 under one key, in hex. */
export type HmacSha256 = (message: string) => string;

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * RFC 2104 by two digests in one call each: `createHmac` makes a stream object every time, which costs more than the
 * digests do.
 */
export function createHmacSha256(key: string | Uint8Array): HmacSha256 {
  const given = typeof key === 'string' ? Buffer.from(key) : key;
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(given.length > BLOCK_BYTES ? hash('sha256', given, 'buffer') : given);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  outer.set(block.map((byte) => byte ^ 0x5c));
  return (message) => {
    const text = Buffer.allocUnsafe(BLOCK_BYTES + Buffer.byteLength(message));
    text.set(inner);
    text.write(message, BLOCK_BYTES);
    outer.set(hash('sha256', text, 'buffer'), BLOCK_BYTES);
    return hash('sha256', outer);
  };
}
