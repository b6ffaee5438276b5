import { createHash } from 'node:crypto';

/** A name for a text: always the same, letters and digits of base64url only, practically never that of another text. */
export function shortDigest(text: string, length = 10): string {
  return createHash('sha256').update(text).digest('base64url').replaceAll(/[-_]/g, '0').slice(0, length);
}
