import type { SealedValue } from './store.ts';

/** The associated data that binds a sealed secret to its row: moved to another row it no longer opens. */
export function credentialAssociatedData(credential: { upstream: string; id: string }): string {
  return `vault|credential|${credential.upstream}|${credential.id}|secret`;
}

/** Seals to the vault's public key; admin holds this. */
export interface Sealer {
  seal(plaintext: string, associatedData: string): Promise<SealedValue>;
}

/** Opens with the vault's seed; relay and vault hold this. */
export interface Opener {
  open(sealed: SealedValue, associatedData: string): Promise<string>;
}
