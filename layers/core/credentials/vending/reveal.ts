import type { Settings } from '../../catalog/store.ts';
import type { TokenKey, TokenStore } from '../refresh/tokens.ts';
import { tokenAssociatedData, type Opener } from '../sealing-port.ts';
import type { Credential, SealedValue, VaultStore } from '../store.ts';

/** The tokens of a credential, for an operator's eyes; what is not there is null. */
export interface RevealedTokens {
  accessToken: string | null;
  refreshToken: string | null;
  /** The refresh token before the present one. */
  lastRefreshToken: string | null;
}

export type RevealOutcome =
  | { outcome: 'revealed'; tokens: RevealedTokens }
  /** `not-an-operators`: it is a user's, and nobody else's to see. */
  | { outcome: 'switched-off' | 'not-found' | 'not-an-operators' };

interface RevealDeps {
  vault: Pick<VaultStore, 'findCredential'>;
  tokens: Pick<TokenStore, 'find'>;
  opener: Opener;
  readSettings(): Promise<Pick<Settings, 'tokenReveal'>>;
  isUsers(credential: Credential): boolean;
}

/** Whether tokens may be shown at all is decided here, where they are opened, and not by whoever asks. */
export async function revealTokens(deps: RevealDeps, key: TokenKey): Promise<RevealOutcome> {
  if ((await deps.readSettings()).tokenReveal !== 'on') return { outcome: 'switched-off' };
  const [credential, row] = await Promise.all([
    deps.vault.findCredential(key.upstream, key.credentialId),
    deps.tokens.find(key),
  ]);
  if (credential === null || row === null) return { outcome: 'not-found' };
  if (deps.isUsers(credential)) return { outcome: 'not-an-operators' };
  const open = async (sealed: SealedValue | null, field: 'accessToken' | 'refreshToken'): Promise<string | null> =>
    sealed && deps.opener.open(sealed, tokenAssociatedData(key, field));
  const [accessToken, refreshToken, lastRefreshToken] = await Promise.all([
    open(row.accessToken, 'accessToken'),
    open(row.refreshToken, 'refreshToken'),
    open(row.lastRefreshToken, 'refreshToken'),
  ]);
  return { outcome: 'revealed', tokens: { accessToken, refreshToken, lastRefreshToken } };
}
