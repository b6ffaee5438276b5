import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { withProxyAuth } from '../credentials/refresh/exchange.ts';
import type { TokenRow, TokenStore } from '../credentials/refresh/tokens.ts';
import { credentialAssociatedData, tokenAssociatedData, type Opener } from '../credentials/sealing-port.ts';
import type { Credential, SealedValue, Upstream, VaultStore } from '../credentials/store.ts';
import type { OwnedCredentialStore } from '../sharing/store.ts';
import { ownedName } from '../sharing/who-may-use.ts';
import { openCredential, type OpenedCredential, type OpenedSecrets, type OpenedUpstream } from './candidates.ts';

export interface OpenDeps {
  vault: Pick<VaultStore, 'findUpstream' | 'listCredentials'>;
  tokens: Pick<TokenStore, 'list' | 'find'>;
  owned: Pick<OwnedCredentialStore, 'listOfUpstream'>;
  opener: Opener;
}

/** Opens what is sealed in the rows of upstreams and credentials. */
export interface UpstreamOpener {
  open(upstream: string): Promise<OpenedUpstream | null>;
  /** One OAuth credential with its tokens as they stand now. */
  openAnew(upstream: string, credentialId: string): Promise<OpenedCredential | null>;
}

const MOST_SECRETS = 4_000;
/** Opening is slow and a sealed value never changes its meaning, so it is opened again only now and then. */
const SECRET_LIFE_MS = 600_000;

export function createUpstreamOpener({ vault, tokens, owned, opener }: OpenDeps): UpstreamOpener {
  const secrets = createTimedCache<string>({ lifeMs: SECRET_LIFE_MS, max: MOST_SECRETS });
  // The ciphertext is the key: a replaced secret is another entry.
  const open = (sealed: SealedValue, associatedData: string): Promise<string> =>
    secrets.get(`${associatedData}\n${sealed.ciphertext}`, () => opener.open(sealed, associatedData));

  const openSecrets = async (credential: Credential, row: TokenRow | null): Promise<OpenedSecrets> => {
    const { proxyUrl, proxyAuth = null } = credential;
    const auth = proxyAuth && (await open(proxyAuth, credentialAssociatedData(credential, 'proxyAuth')));
    const proxy = proxyUrl && withProxyAuth(proxyUrl, auth);
    if (credential.kind === 'oauth') {
      const sealed = row?.accessToken ?? null;
      const secret = row && sealed && (await open(sealed, tokenAssociatedData(row, 'accessToken')));
      const token = { digest: row?.accessDigest ?? null, expiresAt: row?.accessExpiresAt ?? null };
      return { secret: secret ?? '', token, proxyUrl: proxy };
    }
    if (credential.secret === null) throw new Error('There is no secret.');
    const secret = await open(credential.secret, credentialAssociatedData(credential));
    return { secret, token: null, proxyUrl: proxy };
  };
  const openOne = (upstream: Upstream, credential: Credential, row: TokenRow | null): Promise<OpenedCredential> =>
    openSecrets(credential, row).then(
      (opened) => openCredential(upstream, credential, opened),
      // One row that cannot be read must not take the others with it.
      (cause: unknown) => ({ credential, address: sealedForGood(credential, cause), token: null, proxyUrl: null }),
    );

  return {
    async open(name) {
      const [upstream, all, marks] = await Promise.all([
        vault.findUpstream(name),
        vault.listCredentials(name),
        owned.listOfUpstream(name),
      ]);
      if (!upstream) return null;
      const owners = new Map(marks.map((mark) => [mark.credentialId, mark]));
      // Where the two lists were read at different moments, a user's credential may lack its owner: it waits.
      const enabled = all.filter((one) => isEnabled(one) && (one.name !== ownedName(one.id) || owners.has(one.id)));
      const rows = new Map<string, TokenRow>();
      if (enabled.some(({ kind }) => kind === 'oauth')) {
        for (const row of await tokens.list(name)) rows.set(row.credentialId, row);
      }
      const usable = enabled.filter(({ id, kind }) => kind !== 'oauth' || isUsable(rows.get(id)));
      const credentials = await Promise.all(
        usable.map((credential) => openOne(upstream, credential, rows.get(credential.id) ?? null)),
      );
      if (owners.size === 0) return { upstream, credentials, hasOwned: false };
      const withOwners = credentials.map((one) => ({ ...one, owned: owners.get(one.credential.id) ?? null }));
      return { upstream, credentials: withOwners, hasOwned: true };
    },
    async openAnew(name, credentialId) {
      const [upstream, all, row] = await Promise.all([
        vault.findUpstream(name),
        vault.listCredentials(name),
        tokens.find({ upstream: name, credentialId }),
      ]);
      const credential = all.find(({ id }) => id === credentialId);
      if (!upstream || !credential || !row || !isUsable(row)) return null;
      return openOne(upstream, credential, row);
    },
  };
}

function isEnabled({ enabled, disabledByOwner }: Credential): boolean {
  return enabled && disabledByOwner !== true;
}

/** A refresh token that its server refused for good disables the credential; there may be no token yet. */
function isUsable(row: TokenRow | undefined): boolean {
  return row !== undefined && row.invalid === null && (row.accessToken !== null || row.refreshToken !== null);
}

function sealedForGood(credential: Credential, cause: unknown): GatewayError {
  const message = `Credential "${credential.name}" of upstream "${credential.upstream}" cannot be opened.`;
  return new GatewayError('no_credential', { message, cause });
}
