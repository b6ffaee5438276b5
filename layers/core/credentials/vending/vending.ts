import type { Clock } from '@sluice/kit/time/clock';
import type { RefreshOutcome } from '../refresh/outcome.ts';
import type { Refresher } from '../refresh/refresh.ts';
import type { TokenRow, TokenStore } from '../refresh/tokens.ts';
import { tokenAssociatedData, type Opener } from '../sealing-port.ts';
import type { Credential, SealedValue } from '../store.ts';
import type { CredentialLookup } from './lookup.ts';

/** What machines ask by. A biz id decides alone, even where no credential has it (contracts.md §8.18). */
export interface TokenQuestion {
  bizId: string | null;
  email: string | null;
}

/** What a machine gets; what is not there is an empty text. */
export interface VendedTokens {
  bizId: string;
  email: string;
  accessToken: string;
  refreshToken: string;
  tier: string;
  name: string;
}

type Who = Pick<Credential, 'upstream' | 'id'>;

export type VendingOutcome =
  | { outcome: 'found'; who: Who; tokens: VendedTokens }
  | { outcome: 'not-found' }
  /** The grant was asked for and not given; `text` is a sentence without secrets. */
  | { outcome: 'not-refreshed'; who: Who; because: RefreshOutcome; text: string; bizId: string; email: string };

export interface TokenVending {
  /** The tokens as they are stored, empty or expired as they may be; no upstream is called. */
  getAccessToken(question: TokenQuestion): Promise<VendingOutcome>;
  /** One grant now; calls that come while one is under way share its result. */
  refresh(question: TokenQuestion): Promise<VendingOutcome>;
}

export interface VendingDeps {
  lookup: CredentialLookup;
  tokens: Pick<TokenStore, 'find'>;
  refresher: Refresher;
  opener: Opener;
  clock: Clock;
}

/** Tokens for machines. Whether a credential is enabled is no matter here: that says whether the relay uses it. */
export function createTokenVending(deps: VendingDeps): TokenVending {
  const vend = async (credential: Credential): Promise<VendingOutcome> => {
    const { upstream, id } = credential;
    const row = await deps.tokens.find({ upstream, credentialId: id });
    if (row === null) return { outcome: 'not-found' };
    return { outcome: 'found', who: { upstream, id }, tokens: await openTokens(deps.opener, credential, row) };
  };
  return {
    async getAccessToken(question) {
      const credential = await findCredential(deps.lookup, question);
      return credential === null ? { outcome: 'not-found' } : vend(credential);
    },
    async refresh(question) {
      const since = deps.clock();
      const credential = await findCredential(deps.lookup, question);
      if (credential === null) return { outcome: 'not-found' };
      const { upstream, id, bizId, email } = credential;
      const cause = { kind: 'manual', since, onceMore: false } as const;
      const { outcome, text } = await deps.refresher.refresh({ upstream, credentialId: id }, cause);
      if (outcome === 'not-found') return { outcome };
      if (outcome === 'refreshed' || outcome === 'current') return vend(credential);
      return {
        outcome: 'not-refreshed',
        who: { upstream, id },
        because: outcome,
        text,
        bizId: bizId ?? '',
        email: email ?? '',
      };
    },
  };
}

async function findCredential(lookup: CredentialLookup, { bizId, email }: TokenQuestion): Promise<Credential | null> {
  if (bizId !== null) {
    const found = await lookup.findByBizId(bizId);
    return found?.kind === 'oauth' ? found : null;
  }
  const all = email === null ? [] : await lookup.listByEmail(email);
  return all.find(({ kind }) => kind === 'oauth') ?? null;
}

async function openTokens(opener: Opener, credential: Credential, row: TokenRow): Promise<VendedTokens> {
  const open = (sealed: SealedValue | null, field: 'accessToken' | 'refreshToken'): Promise<string> | string =>
    sealed === null ? '' : opener.open(sealed, tokenAssociatedData(row, field));
  const [accessToken, refreshToken] = await Promise.all([
    open(row.accessToken, 'accessToken'),
    open(row.refreshToken, 'refreshToken'),
  ]);
  const { bizId, email, tier, name } = credential;
  return { bizId: bizId ?? '', email: email ?? '', accessToken, refreshToken, tier, name };
}
