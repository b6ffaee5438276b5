import { credentialAssociatedData, tokenAssociatedData, type Opener } from '../sealing-port.ts';
import { withProxyAuth } from '../refresh/exchange.ts';
import type { TokenRow } from '../refresh/tokens.ts';
import type { Credential } from '../store.ts';

/** What is presented to the upstream, and on which way. */
export interface OpenedForCheck {
  secret: string;
  /** With user name and password. */
  proxyUrl: string | null;
  /** By which the pool knows the secret. */
  secretDigest: string;
  /** All that must not be told. */
  secrets: readonly string[];
}

/**
 * @param row of OAuth credentials
 * @returns null where there is nothing to present
 * @throws where a sealed value does not open
 */
export async function openForCheck(
  opener: Opener,
  credential: Credential,
  row: TokenRow | null,
): Promise<OpenedForCheck | null> {
  const { proxyUrl, proxyAuth = null } = credential;
  const [secret, auth] = await Promise.all([
    secretOf(opener, credential, row),
    proxyAuth && opener.open(proxyAuth, credentialAssociatedData(credential, 'proxyAuth')),
  ]);
  if (secret === null) return null;
  return {
    secret,
    proxyUrl: proxyUrl && withProxyAuth(proxyUrl, auth),
    secretDigest: credential.kind === 'oauth' ? (row?.accessDigest ?? '') : credential.secretDigest,
    secrets: [secret, auth ?? ''],
  };
}

async function secretOf(opener: Opener, credential: Credential, row: TokenRow | null): Promise<string | null> {
  if (credential.kind === 'oauth') {
    const sealed = row?.accessToken ?? null;
    return row && sealed && opener.open(sealed, tokenAssociatedData(row, 'accessToken'));
  }
  return credential.secret && opener.open(credential.secret, credentialAssociatedData(credential));
}
