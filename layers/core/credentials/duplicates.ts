import { createHash } from 'node:crypto';
import type { Credential } from './store.ts';

/*
 * One secret is one credential, whichever way it comes in. A refresh token in two rows would be refreshed twice, and a
 * server that gives each token once would revoke its family; so it is one credential's in the whole installation. Other
 * secrets are one credential's of an upstream: a vendor's key may well serve two formats.
 */

/** Names a refresh token without telling it: such tokens are long and random, so a plain hash gives nothing away. */
export function refreshTokenDigest(refreshToken: string): string {
  return createHash('sha256').update(`refresh-token\n${refreshToken}`).digest('hex');
}

/** What a credential's row is known by; null where it has no secret, or one whose digest is not kept. */
export function secretMark(
  credential: Pick<Credential, 'kind' | 'upstream' | 'secretDigest' | 'tokenDigest'>,
): string | null {
  const { kind, upstream, secretDigest, tokenDigest } = credential;
  // AWS is called with the role of the relay itself.
  if (kind === 'aws_role') return null;
  if (kind === 'oauth') return tokenDigest ? `oauth#${tokenDigest}` : null;
  return secretDigest === '' ? null : `${upstream}#${secretDigest}`;
}
