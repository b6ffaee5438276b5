import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BODY_CHARACTERS = 40;
const CHECKSUM_CHARACTERS = 6;

/** Keys that we generate begin so; keys that an operator chose may begin with anything else. */
export const GENERATED_KEY_PREFIX = 'sk-sluice1-';

/** A new key: the prefix, 40 random base-62 characters and their CRC-32 in 6 more, so that junk dies at the edge. */
export function generateApiKey(): string {
  let body = '';
  for (let index = 0; index < BODY_CHARACTERS; index += 1) body += ALPHABET.charAt(randomInt(ALPHABET.length));
  return GENERATED_KEY_PREFIX + body + checksum(body);
}

/** False only for a text that has the generated prefix and a wrong length or checksum. */
export function isPlausibleApiKey(secret: string): boolean {
  if (!secret.startsWith(GENERATED_KEY_PREFIX)) return true;
  const rest = secret.slice(GENERATED_KEY_PREFIX.length);
  const body = rest.slice(0, BODY_CHARACTERS);
  return rest.length === BODY_CHARACTERS + CHECKSUM_CHARACTERS && rest.slice(BODY_CHARACTERS) === checksum(body);
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let index = 0; index < CHECKSUM_CHARACTERS; index += 1) {
    text = ALPHABET.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
