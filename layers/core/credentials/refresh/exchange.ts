import { createHash } from 'node:crypto';
import { refreshTokenDigest } from '../duplicates.ts';
import type { Opener, Sealer } from '../sealing-port.ts';
import { clientSecretAssociatedData, credentialAssociatedData, tokenAssociatedData } from '../sealing-port.ts';
import type { Credential, OAuthClient } from '../store.ts';
import { readGrantAnswer, refreshRequest, withoutSecrets, type GrantedTokens, type GrantRequest } from './grant.ts';
import type { ExchangeOutcome } from './outcome.ts';
import type { SealedGrant, TokenKey, TokenRow } from './tokens.ts';

/** Sends a call once. Throws an error that says by `sent` whether a byte of it may have left. */
export type SendGrant = (
  call: GrantRequest & { proxyUrl: string | null },
) => Promise<Parameters<typeof readGrantAnswer>[0]>;

export interface ExchangeDeps {
  opener: Opener;
  sealer: Sealer;
  send: SendGrant;
  clock(): number;
}

/** What is refreshed, and where. */
export interface RefreshSubject {
  client: OAuthClient;
  credential: Pick<Credential, 'id' | 'upstream' | 'clientId' | 'proxyUrl' | 'proxyAuth' | 'proxyMember'>;
}

/** One exchange of the refresh token of a row. Never throws. What it grants comes sealed. */
export async function exchange(deps: ExchangeDeps, subject: RefreshSubject, row: TokenRow): Promise<ExchangeOutcome> {
  const opened = await openAll(deps, subject, row).catch(() => null);
  if (opened === null) return { kind: 'not-sent', text: 'What is needed for the refresh cannot be opened.' };
  const { refreshToken, clientSecret, proxyUrl } = opened;
  const secrets = [refreshToken, clientSecret ?? '', opened.proxyAuth ?? ''];
  const { client, credential } = subject;
  const request = refreshRequest(
    { ...client, clientId: credential.clientId ?? client.clientId },
    { refreshToken, clientSecret },
  );
  try {
    const answer = await deps.send({ ...request, proxyUrl });
    const read = readGrantAnswer(answer, { now: deps.clock(), secrets });
    if (read.kind !== 'granted') return read;
    return { kind: 'granted', text: read.text, grant: await sealGrant(deps.sealer, row, read.tokens) };
  } catch (error) {
    const { sent, code } = error as { sent?: unknown; code?: unknown };
    const text = withoutSecrets(typeof code === 'string' ? code : String(error), secrets);
    return sent === false
      ? { kind: 'not-sent', text: `The token endpoint was not reached (${text}).` }
      : {
          kind: 'unknown',
          text: `The token endpoint gave no answer (${text}); nobody knows whether it took the refresh token.`,
        };
  }
}

async function openAll({ opener }: ExchangeDeps, { client, credential }: RefreshSubject, row: TokenRow) {
  const { upstream } = row;
  const { proxyUrl, proxyAuth = null } = credential;
  const [refreshToken, clientSecret, auth] = await Promise.all([
    row.refreshToken && opener.open(row.refreshToken, tokenAssociatedData(row, 'refreshToken')),
    client.clientSecret && opener.open(client.clientSecret, clientSecretAssociatedData(upstream)),
    proxyAuth && opener.open(proxyAuth, credentialAssociatedData(credential, 'proxyAuth')),
  ]);
  if (refreshToken === null) throw new Error('There is no refresh token.');
  return { refreshToken, clientSecret, proxyAuth: auth, proxyUrl: proxyUrl && withProxyAuth(proxyUrl, auth) };
}

/** @param auth `user:password`, each percent-encoded */
export function withProxyAuth(proxyUrl: string, auth: string | null): string {
  return auth === null ? proxyUrl : proxyUrl.replace('://', `://${auth}@`);
}

export async function sealGrant(sealer: Sealer, row: TokenKey, tokens: GrantedTokens): Promise<SealedGrant> {
  const { accessToken, refreshToken, expiresAt } = tokens;
  const [sealedAccess, sealedRefresh] = await Promise.all([
    accessToken === null ? null : sealer.seal(accessToken, tokenAssociatedData(row, 'accessToken')),
    refreshToken === null ? null : sealer.seal(refreshToken, tokenAssociatedData(row, 'refreshToken')),
  ]);
  return {
    accessToken: sealedAccess,
    accessDigest: accessToken === null ? null : digestToken(accessToken),
    accessExpiresAt: expiresAt,
    refreshToken: sealedRefresh,
    refreshDigest: refreshToken === null ? null : refreshTokenDigest(refreshToken),
  };
}

/** Tokens are long and random, so a plain hash tells nothing of them. */
export function digestToken(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 32);
}
