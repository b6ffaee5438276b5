import { randomFillSync } from 'node:crypto';

/** Crockford's base 32: sorts as text in the order of its values. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 9;
const RANDOM_CHARACTERS = 7;

/**
 * A request id: 16 characters, time first, so that ids sort by the millisecond they were made in.
 * @param nowMs milliseconds since the Unix epoch
 */
export function createRequestId(nowMs: number): string {
  let id = timePrefixOfRequestIds(nowMs);
  if (drawn === POOL.length) {
    randomFillSync(POOL);
    drawn = 0;
  }
  const end = drawn + RANDOM_CHARACTERS;
  for (; drawn < end; drawn += 1) id += ALPHABET.charAt((POOL[drawn] as number) & 31);
  return id;
}

/** Randomness is drawn for many ids at once; asking the system costs more than an id. */
const POOL = Buffer.alloc(RANDOM_CHARACTERS * 512);
/** How much of the pool is used up; at first all of it. */
let drawn = POOL.length;

/**
 * What all request ids of one millisecond begin with; as text it sorts before each of them and after all earlier ones.
 * Times that no id can carry are drawn to the nearest that one can.
 */
export function timePrefixOfRequestIds(timeMs: number): string {
  let prefix = '';
  let rest = Math.min(Math.max(Math.trunc(timeMs), 0), 32 ** TIME_CHARACTERS - 1);
  for (let index = 0; index < TIME_CHARACTERS; index += 1) {
    prefix = ALPHABET.charAt(rest % 32) + prefix;
    rest = Math.floor(rest / 32);
  }
  return prefix;
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
