import { randomBytes } from 'node:crypto';

/** Crockford's base 32: sorts as text in the order of its values. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 9;
const RANDOM_CHARACTERS = 7;

/**
 * A request id: 16 characters, time first, so that ids sort by the millisecond they were made in.
 * @param nowMs milliseconds since the Unix epoch
 */
export function createRequestId(nowMs: number): string {
  let id = '';
  let rest = nowMs;
  for (let index = 0; index < TIME_CHARACTERS; index += 1) {
    id = ALPHABET.charAt(rest % 32) + id;
    rest = Math.floor(rest / 32);
  }
  for (const byte of randomBytes(RANDOM_CHARACTERS)) id += ALPHABET.charAt(byte & 31);
  return id;
}

/** The millisecond a request id was made in; `null` when the text is not a request id of ours. */
export function timeOfRequestId(requestId: string): number | null {
  if (requestId.length !== TIME_CHARACTERS + RANDOM_CHARACTERS) return null;
  let timeMs = 0;
  for (let index = 0; index < requestId.length; index += 1) {
    const digit = ALPHABET.indexOf(requestId.charAt(index));
    if (digit < 0) return null;
    if (index < TIME_CHARACTERS) timeMs = timeMs * 32 + digit;
  }
  return timeMs;
}
