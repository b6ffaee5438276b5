import { randomBytes } from 'node:crypto';

/** Every kind of record whose id a person may meet; the prefix tells them apart in logs and support mails. */
export type IdPrefix = 'usr' | 'key' | 'crd' | 'ses' | 'att' | 'prx' | 'chat' | 'alr' | 'whk' | 'job' | 'video';

/** `<prefix>_` and 80 random bits in lower-case base 32, e.g. `usr_4fj2k9…`. */
export function createPrefixedId(prefix: IdPrefix): string {
  let text = '';
  for (const byte of randomBytes(16)) text += 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte & 31);
  return `${prefix}_${text}`;
}
