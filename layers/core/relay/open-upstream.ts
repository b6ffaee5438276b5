import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { withProxyAuth } from '../credentials/refresh/exchange.ts';
import type { CredentialRecords } from '../credentials/records/store.ts';
import type { TokenRow, TokenStore } from '../credentials/refresh/tokens.ts';
import { credentialAssociatedData, tokenAssociatedData, type Opener } from '../credentials/sealing-port.ts';
import { cutList, USERS_CLASS, type ServingEntry, type ServingList } from '../credentials/serving.ts';
import type { Credential, SealedValue, Upstream, VaultStore } from '../credentials/store.ts';
import type { OwnedCredentialStore } from '../sharing/store.ts';
import { ownedName } from '../sharing/who-may-use.ts';
import { openCredential, type OpenedCredential, type OpenedSecrets, type OpenedUpstream } from './candidates.ts';

export interface OpenDeps {
  vault: Pick<VaultStore, 'findUpstream' | 'findCredential'>;
  records: Pick<CredentialRecords, 'findMany'>;
  serving: ServingList;
  tokens: Pick<TokenStore, 'findMany' | 'find'>;
  owned: Pick<OwnedCredentialStore, 'findMany' | 'listOfOwner'>;
  opener: Opener;
}

/** Opens what is sealed in the rows of upstreams and credentials. */
export interface UpstreamOpener {
  open(upstream: string): Promise<OpenedUpstream | null>;
  /** Of a class that is too long to be opened whole: some that follow each other on its ring. */
  openPart(upstream: Upstream, servingClass: string, position: number): Promise<OpenedCredential[]>;
  /** What a user brought to it. */
  openOwn(upstream: Upstream, userId: string): Promise<OpenedCredential[]>;
  /** One credential, whoever brought it; none where it cannot be used. */
  openNamed(upstream: Upstream, credentialId: string): Promise<OpenedCredential[]>;
  /** One OAuth credential with its tokens as they stand now. */
  openAnew(upstream: string, credentialId: string): Promise<OpenedCredential | null>;
}

/** An upstream with no more than these is known whole. */
const MOST_WHOLE = 256;
/** Of a longer one each conversation has so many to be served by; a request asks at most 16. */
const PART = 24;
/** Users' credentials that are looked at for shared ones. */
const MOST_MARKS = 96;
const MOST_SECRETS = 4_000;
/** Opening is slow and a sealed value never changes its meaning, so it is opened again only now and then. */
const SECRET_LIFE_MS = 600_000;

type OpenOne = (upstream: Upstream, credential: Credential, row: TokenRow | null) => Promise<OpenedCredential>;

function createCredentialOpener(opener: Opener): OpenOne {
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
  return (upstream, credential, row) =>
    openSecrets(credential, row).then(
      (opened) => openCredential(upstream, credential, opened),
      // One row that cannot be read must not take the others with it.
      (cause: unknown) => ({ credential, address: sealedForGood(credential, cause), token: null, proxyUrl: null }),
    );
}

/** Those of a list that can be used, opened, with their owners. */
function createListOpener({ records, tokens, owned }: OpenDeps, openOne: OpenOne) {
  return async (upstream: Upstream, entries: readonly ServingEntry[]): Promise<OpenedCredential[]> => {
    const { name } = upstream;
    const places = entries.map(({ credentialId }) => ({ upstream: name, credentialId }));
    const ofUsers = entries.filter(({ servingClass }) => servingClass === USERS_CLASS);
    const [all, marks] = await Promise.all([
      records.findMany(places),
      owned.findMany(ofUsers.map(({ credentialId }) => ({ upstream: name, credentialId }))),
    ]);
    const owners = new Map(marks.map((mark) => [mark.credentialId, mark]));
    // Where the two lists were read at different moments, a user's credential may lack its owner: it waits.
    const enabled = all
      .filter((one) => isEnabled(one) && (one.name !== ownedName(one.id) || owners.has(one.id)))
      .toSorted(byPriorityAndName);
    const keys = enabled.filter(({ kind }) => kind === 'oauth').map(({ id }) => ({ upstream: name, credentialId: id }));
    const rows = new Map((await tokens.findMany(keys)).map((row) => [row.credentialId, row]));
    const usable = enabled.filter(({ id, kind }) => kind !== 'oauth' || isUsable(rows.get(id)));
    const opened = await Promise.all(
      usable.map((credential) => openOne(upstream, credential, rows.get(credential.id) ?? null)),
    );
    if (owners.size === 0) return opened;
    return opened.map((one) => ({ ...one, owned: owners.get(one.credential.id) ?? null }));
  };
}

export function createUpstreamOpener(deps: OpenDeps): UpstreamOpener {
  const { vault, serving, tokens, owned } = deps;
  const openOne = createCredentialOpener(deps.opener);
  const openListed = createListOpener(deps, openOne);
  /** The part of users' credentials that may be everybody's, without opening what is only its owner's. */
  const sharedOf = async (upstream: string, entries: readonly ServingEntry[]): Promise<ServingEntry[]> => {
    const marks = await owned.findMany(entries.map(({ credentialId }) => ({ upstream, credentialId })));
    const shared = new Set(marks.filter(({ sharing }) => sharing === 'shared').map(({ credentialId }) => credentialId));
    return entries.filter(({ credentialId }) => shared.has(credentialId)).slice(0, PART);
  };

  return {
    async open(name) {
      const [upstream, head] = await Promise.all([vault.findUpstream(name), serving.head(name, MOST_WHOLE)]);
      if (!upstream) return null;
      if (head.isWhole) {
        const credentials = await openListed(upstream, head.entries);
        return { upstream, credentials, hasOwned: credentials.some((one) => one.owned), more: null };
      }
      const { whole, cut, slots } = cutList(head.entries, PART);
      const [credentials, hasOwned] = await Promise.all([
        openListed(upstream, whole),
        cut === USERS_CLASS ? true : serving.has(name, USERS_CLASS),
      ]);
      return { upstream, credentials, hasOwned, more: { cut, slots } };
    },
    async openPart(upstream, servingClass, position) {
      const { name } = upstream;
      if (servingClass !== USERS_CLASS) {
        return openListed(upstream, await serving.around(name, servingClass, { position, limit: PART }));
      }
      const entries = await serving.around(name, servingClass, { position, limit: MOST_MARKS });
      return openListed(upstream, await sharedOf(name, entries));
    },
    async openOwn(upstream, userId) {
      const mine = (await owned.listOfOwner(userId)).filter((one) => one.upstream === upstream.name);
      const entries = mine.map(({ credentialId }) => ({ credentialId, servingClass: USERS_CLASS, position: 0 }));
      return openListed(upstream, entries);
    },
    openNamed(upstream, credentialId) {
      return openListed(upstream, [{ credentialId, servingClass: USERS_CLASS, position: 0 }]);
    },
    async openAnew(name, credentialId) {
      const [upstream, credential, row] = await Promise.all([
        vault.findUpstream(name),
        vault.findCredential(name, credentialId),
        tokens.find({ upstream: name, credentialId }),
      ]);
      if (!upstream || !credential || !row || !isUsable(row)) return null;
      return openOne(upstream, credential, row);
    },
  };
}

function byPriorityAndName(left: Credential, right: Credential): number {
  if (left.priority !== right.priority) return left.priority - right.priority;
  return left.name < right.name ? -1 : Number(left.name > right.name);
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
