import { createHmacSha256 } from '@sluice/kit/crypto/hmac-sha256';

/**
 * What is stored of a key and looked up by: HMAC-SHA-256(pepper, secret) in hex. A key has 40 random characters, so a
 * fast keyed hash is enough, and a stolen table is of no use without the pepper.
 */
export function digestApiKey(input: { pepper: string; secret: string }): string {
  return createApiKeyDigest(input.pepper)(input.secret);
}

/** The same under one pepper for many keys. */
export function createApiKeyDigest(pepper: string): (secret: string) => string {
  return createHmacSha256(pepper);
}

const SHOWN_START = 14;
const SHOWN_END = 4;

/** Enough of a key to tell it from others and far too little to guess the rest: `sk-sluice1-Ab3…9xYz`. */
export function previewApiKey(secret: string): string {
  // Chosen keys have at least 32 characters; a shorter text shows less, never more than a third of itself.
  const start = Math.min(SHOWN_START, Math.floor(secret.length / 4));
  const end = Math.min(SHOWN_END, Math.floor(secret.length / 12));
  return `${secret.slice(0, start)}…${end === 0 ? '' : secret.slice(-end)}`;
}
