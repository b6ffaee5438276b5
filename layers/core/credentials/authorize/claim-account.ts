import type { Clock } from '@sluice/kit/time/clock';
import type { VaultStore } from '../store.ts';
import type { AccountClaim, SignInStore } from './store.ts';

/** Between a claim and its credential. */
const MAKING_MS = 2 * 60_000;

/**
 * Whether an account is this credential's. A claim whose credential is gone is taken over; so nobody who deletes a
 * credential has to know of claims.
 */
export async function claimAccount(
  deps: { signIns: Pick<SignInStore, 'claim'>; vault: Pick<VaultStore, 'findCredential'>; clock: Clock },
  claim: Omit<AccountClaim, 'at'>,
): Promise<boolean> {
  const own = { ...claim, at: deps.clock() };
  const holder = await deps.signIns.claim(own, null);
  if (holder === null) return true;
  const isThere = (await deps.vault.findCredential(holder.upstream, holder.credentialId)) !== null;
  if (isThere || own.at - holder.at < MAKING_MS) return false;
  return (await deps.signIns.claim(own, holder)) === null;
}
