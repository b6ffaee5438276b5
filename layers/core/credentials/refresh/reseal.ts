import { mapLimited } from '@sluice/kit/async/map-limited';
import type { Logger } from '@sluice/kit/log/logger';
import {
  clientSecretAssociatedData,
  credentialAssociatedData,
  tokenAssociatedData,
  type Opener,
  type Sealer,
} from '../sealing-port.ts';
import type { Credential, SealedValue, Upstream, VaultStore } from '../store.ts';
import type { TokenRow, TokenStore } from './tokens.ts';

export interface ResealDeps {
  vault: Pick<VaultStore, 'listUpstreams' | 'listCredentials'>;
  tokens: Pick<TokenStore, 'list'>;
  /** Writes a sealed value over the one that stood there, if it still does. */
  rewrite: RewriteSealed;
  opener: Opener;
  sealer: Sealer;
  /** Of the vault's key that values are sealed to now, e.g. `v2`. */
  newestVersion: string;
  logger: Pick<Logger, 'error'>;
  mayGoOn(): boolean;
}

/** A sealed value in a row: an attribute, or a member of one. */
export type SealedPlace =
  | { row: 'upstream'; upstream: string; field: 'clientSecret' }
  | { row: 'credential'; upstream: string; credentialId: string; field: 'secret' | 'proxyAuth' }
  | {
      row: 'tokens';
      upstream: string;
      credentialId: string;
      field: 'refreshToken' | 'lastRefreshToken' | 'accessToken';
    };

export type RewriteSealed = (
  place: SealedPlace,
  change: { before: SealedValue; after: SealedValue },
) => Promise<'rewritten' | 'changed-meanwhile'>;

export interface ResealReport {
  read: number;
  resealed: number;
  /** Changed while they were sealed anew, so that they are of the newest version by now, or the next run finds them. */
  changed: number;
  /** Cannot be opened; left as they are. */
  unopened: number;
  unfinished: boolean;
}

const AT_ONCE = 8;

/**
 * Seals every value anew that is sealed to an older key of the vault. What is written meanwhile is of the newest version
 * anyway, and is never overwritten. When it reports nothing resealed and nothing unopened, the older seed can go.
 */
export async function resealAll(deps: ResealDeps): Promise<ResealReport> {
  const report: ResealReport = { read: 0, resealed: 0, changed: 0, unopened: 0, unfinished: false };
  for (const upstream of await deps.vault.listUpstreams()) {
    if (!deps.mayGoOn()) return { ...report, unfinished: true };
    const { name } = upstream;
    const [credentials, rows] = await Promise.all([deps.vault.listCredentials(name), deps.tokens.list(name)]);
    const values = [
      ...valuesOfUpstream(upstream),
      ...credentials.flatMap(valuesOfCredential),
      ...rows.flatMap(valuesOfTokens),
    ];
    report.read += values.length;
    const old = values.filter(({ sealed }) => sealed.keyVersion !== deps.newestVersion);
    await mapLimited(old, AT_ONCE, async (value) => {
      if (!deps.mayGoOn()) report.unfinished = true;
      else report[await reseal(deps, value)] += 1;
    });
  }
  return report;
}

interface SealedInPlace {
  place: SealedPlace;
  sealed: SealedValue;
  associatedData: string;
}

async function reseal(
  deps: ResealDeps,
  { place, sealed, associatedData }: SealedInPlace,
): Promise<'resealed' | 'changed' | 'unopened'> {
  let text: string;
  try {
    text = await deps.opener.open(sealed, associatedData);
  } catch {
    deps.logger.error('sealed_value_unopened', { ...place });
    return 'unopened';
  }
  const after = await deps.sealer.seal(text, associatedData);
  return (await deps.rewrite(place, { before: sealed, after })) === 'rewritten' ? 'resealed' : 'changed';
}

function valuesOfUpstream({ name, oauth }: Upstream): SealedInPlace[] {
  const sealed = oauth?.clientSecret ?? null;
  if (sealed === null) return [];
  return [
    {
      place: { row: 'upstream', upstream: name, field: 'clientSecret' },
      sealed,
      associatedData: clientSecretAssociatedData(name),
    },
  ];
}

function valuesOfCredential(credential: Credential): SealedInPlace[] {
  const { upstream, id: credentialId } = credential;
  return (['secret', 'proxyAuth'] as const).flatMap((field) => {
    const sealed = credential[field] ?? null;
    if (sealed === null) return [];
    const place: SealedPlace = { row: 'credential', upstream, credentialId, field };
    return [{ place, sealed, associatedData: credentialAssociatedData(credential, field) }];
  });
}

function valuesOfTokens(row: TokenRow): SealedInPlace[] {
  const { upstream, credentialId } = row;
  return (['refreshToken', 'lastRefreshToken', 'accessToken'] as const).flatMap((field) => {
    const sealed = row[field];
    if (sealed === null) return [];
    const place: SealedPlace = { row: 'tokens', upstream, credentialId, field };
    const bound = field === 'accessToken' ? 'accessToken' : 'refreshToken';
    return [{ place, sealed, associatedData: tokenAssociatedData(row, bound) }];
  });
}
