import type { SealedValue } from './store.ts';

/**
 * The associated data that binds a sealed secret to its row: moved to another row it no longer opens. The password of a
 * proxy from the list is bound to its member of the list, whichever credentials use it.
 */
export function credentialAssociatedData(
  credential: { upstream: string; id: string; proxyMember?: string | null | undefined },
  field: 'secret' | 'proxyAuth' = 'secret',
): string {
  if (field === 'proxyAuth' && credential.proxyMember) return proxyMemberAssociatedData(credential.proxyMember);
  return `vault|credential|${credential.upstream}|${credential.id}|${field}`;
}

export function proxyMemberAssociatedData(memberId: string): string {
  return `vault|proxy|${memberId}|auth`;
}

/** Both refresh tokens of a row, the present one and the last, are bound alike. */
export function tokenAssociatedData(
  row: { upstream: string; credentialId: string },
  field: 'refreshToken' | 'accessToken',
): string {
  return `vault|tokens|${row.upstream}|${row.credentialId}|${field}`;
}

export function clientSecretAssociatedData(upstream: string): string {
  return `vault|upstream|${upstream}|oauth.clientSecret`;
}

/** Of the proof key of a sign-in. */
export function verifierAssociatedData(signIn: { upstream: string; stateDigest: string }): string {
  return `vault|signIn|${signIn.upstream}|${signIn.stateDigest}|verifier`;
}

/** Seals to the vault's public key; admin holds this. */
export interface Sealer {
  seal(plaintext: string, associatedData: string): Promise<SealedValue>;
}

/** Opens with the vault's seed; relay and vault hold this. */
export interface Opener {
  open(sealed: SealedValue, associatedData: string): Promise<string>;
}
