import type { credentialView } from '@sluice/contract/credentials';
import { displayState, type DisplayedState } from '@sluice/core/credentials/display-state';
import { shownOf } from '@sluice/core/credentials/list-shown';
import type { TokenRow } from '@sluice/core/credentials/refresh/tokens';
import type { Credential } from '@sluice/core/credentials/store';
import { mapLimited } from '@sluice/kit/async/map-limited';
import type { z } from 'zod';
import { spentOf } from './credential-spent.ts';
import type { AdminServices } from '../services.ts';

export type CredentialView = z.infer<typeof credentialView>;

const AT_ONCE = 32;

/** As they stand now, in the order given: of each its own tokens and states are read, and nobody else's. */
export async function viewCredentials(
  services: AdminServices,
  credentials: readonly Credential[],
): Promise<CredentialView[]> {
  const keys = credentials
    .filter(({ kind }) => kind === 'oauth')
    .map(({ upstream, id }) => ({ upstream, credentialId: id }));
  const rows = await services.tokens.findMany(keys);
  const tokens = new Map(rows.map((row) => [`${row.upstream}\n${row.credentialId}`, row]));
  const now = services.clock();
  return mapLimited(credentials, AT_ONCE, async (credential) => {
    const { upstream, id } = credential;
    const [states, spent] = await Promise.all([
      services.poolStates.listStatesOf(upstream, id),
      spentOf(services, credential),
    ]);
    const row = tokens.get(`${upstream}\n${id}`) ?? null;
    return viewCredential(credential, row, displayState({ ...shownOf(credential, row), spent }, states, now), now);
  });
}

export async function viewOne(services: AdminServices, credential: Credential): Promise<CredentialView> {
  const [view] = await viewCredentials(services, [credential]);
  // One in, one out.
  return view as CredentialView;
}

export function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Neither the sealed secret nor its digest leaves. */
function viewCredential(
  credential: Credential,
  row: TokenRow | null,
  shown: DisplayedState,
  now: number,
): CredentialView {
  const { id, upstream, name, kind, tier, priority, weight, enabled, proxyUrl, limits, createdAt, updatedAt } =
    credential;
  const { clientId = null, bizId = null, email = null, tag = null, memo = null } = credential;
  return {
    id,
    upstream,
    name,
    kind,
    tier,
    priority,
    weight,
    enabled,
    disabledByOwner: credential.disabledByOwner ?? false,
    proxyUrl,
    hasProxyPassword: (credential.proxyAuth ?? null) !== null,
    limits,
    clientId,
    bizId,
    email,
    tag,
    memo,
    tokens: kind === 'oauth' && row !== null ? viewTokens(row, now) : null,
    state: shown.state,
    stateReason: shown.reason,
    stateUntil: instant(shown.until),
    stateModel: shown.model,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

function viewTokens(row: TokenRow, now: number): NonNullable<CredentialView['tokens']> {
  const { ambiguous, invalid, lastResult, lease, backOff } = row;
  const reasonOf = (told: { at: number; reason: string } | null) =>
    told && { at: new Date(told.at).toISOString(), reason: told.reason };
  return {
    rotation: row.rotation,
    hasRefreshToken: row.refreshToken !== null,
    hasAccessToken: row.accessToken !== null,
    accessExpiresAt: instant(row.accessExpiresAt),
    refreshedAt: instant(row.refreshedAt),
    dueAt: instant(row.dueAt),
    isRefreshing: row.intent !== null && ambiguous === null && lease !== null && lease.until > now,
    ambiguous: reasonOf(ambiguous),
    invalid: reasonOf(invalid),
    backsOffUntil: instant(backOff && backOff.until > now ? backOff.until : null),
    lastResult: lastResult && { ...lastResult, at: new Date(lastResult.at).toISOString() },
  };
}
