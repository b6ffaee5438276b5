import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Of long openings only both ends are read: system texts come first, what the user wrote last. */
const END_BYTES = 8 * 1024;

/** A whole number in [0, 2^32) out of what a conversation keeps from turn to turn; equal for equal bytes. */
export function affinitySeed(model: string, opening: string | Uint8Array): number {
  const bytes = typeof opening === 'string' ? Buffer.from(opening) : opening;
  const ends =
    bytes.length <= 2 * END_BYTES
      ? digest(bytes)
      : digest(bytes.subarray(0, END_BYTES)) ^ digest(bytes.subarray(-END_BYTES));
  return (ends ^ crc32(model)) >>> 0;
}

function digest(bytes: Uint8Array): number {
  return Number.parseInt(hash('sha1', bytes, 'hex').slice(0, 8), 16);
}

const BEHIND_ALL_WEIGHTS = 1e9;

/**
 * Rendezvous hashing with weights: of several ids the one with the lowest draw is chosen, by chance in proportion to
 * the weights, and always the same for the same seed. Weight 0 draws last.
 * Thaler and Ravishankar 1998; weights as in https://datatracker.ietf.org/doc/html/draft-ietf-bess-weighted-hrw-00
 */
export function rendezvousDraw(seed: number, id: string, weight: number): number {
  const draw = -Math.log(uniform(seed, id));
  return weight > 0 ? draw / weight : BEHIND_ALL_WEIGHTS + draw;
}

/** In (0, 1): FNV-1a over the id, begun with the seed, then the finalizer of MurmurHash3 so that all bits take part. */
function uniform(seed: number, id: string): number {
  let mixed = (seed ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < id.length; index += 1) {
    mixed = Math.imul(mixed ^ id.charCodeAt(index), 0x01000193);
  }
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed = (mixed ^ (mixed >>> 16)) >>> 0;
  return (mixed + 0.5) / 0x1_0000_0000;
}
