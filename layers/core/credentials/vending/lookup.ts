import type { Credential } from '../store.ts';

/** Finds operators' credentials by what machines know of them. `layers/aws/tables/credential-lookup.ts` implements it. */
export interface CredentialLookup {
  findByBizId(bizId: string): Promise<Credential | null>;
  /** Exactly this text; the oldest first. */
  listByEmail(email: string): Promise<Credential[]>;
}
