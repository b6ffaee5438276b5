import type { Shown } from './display-state.ts';
import type { TokenRow, TokenStore } from './refresh/tokens.ts';
import type { Credential, VaultStore } from './store.ts';

/** A credential as the pool knows it: its digest, its switches and what its token server said stand for it as it is. */
export type ShownCredential = Credential & Shown;

export interface ShownDeps {
  vault: Pick<VaultStore, 'listCredentials'>;
  tokens: Pick<TokenStore, 'list'>;
}

/** All of an upstream. Tokens are read only where there are any. */
export async function listShown({ vault, tokens }: ShownDeps, upstream: string): Promise<ShownCredential[]> {
  const credentials = await vault.listCredentials(upstream);
  const rows = credentials.some(({ kind }) => kind === 'oauth') ? await tokens.list(upstream) : [];
  const byId = new Map(rows.map((row) => [row.credentialId, row]));
  return credentials.map((credential) => ({ ...credential, ...shownOf(credential, byId.get(credential.id) ?? null) }));
}

/** The pool knows a credential of OAuth by its access token. */
export function shownOf(credential: Credential, row: TokenRow | null): Shown {
  const enabled = credential.enabled && credential.disabledByOwner !== true;
  const disabledByOwner = credential.enabled && !enabled;
  if (credential.kind !== 'oauth') return { enabled, disabledByOwner, secretDigest: credential.secretDigest };
  const { accessDigest = '', invalid = null, ambiguous = null } = row ?? {};
  return { enabled, disabledByOwner, secretDigest: accessDigest ?? '', invalid, ambiguous };
}
