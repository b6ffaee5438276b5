import type { Credential, SealedValue } from '../store.ts';

/*
 * Sign-ins at authorization servers that were begun. `layers/aws/tables/sign-ins.ts` implements the store.
 */

/** What comes of a sign-in: a credential as it will stand, but for its tokens. */
export interface SignInPlan {
  /** The credential to come, or the one that is signed in anew. */
  credentialId: string;
  isNew: boolean;
  /** What its owner, or an operator, calls it; null: by whoever signs in. */
  name: string | null;
  /** Null: an operator's. */
  sharing: 'shared' | 'exclusive' | null;
  clientId: string | null;
  proxyUrl: string | null;
  /** Of the proxy list. */
  proxyMember: string | null;
  /** Bound to the credential, or to that member. */
  proxyAuth: SealedValue | null;
  proxyAuthDigest: string | null;
  tag: string | null;
  limits: Credential['limits'];
}

export interface SignIn {
  /** Of the state; the state itself stands nowhere. */
  stateDigest: string;
  userId: string;
  upstream: string;
  redirectUri: string;
  /** Of PKCE (RFC 7636), sealed to the vault. */
  verifier: SealedValue;
  plan: SignInPlan;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** Who took it; null: nobody yet. */
  takenBy: string | null;
}

/** Which credential of an upstream an account there belongs to. */
export interface AccountClaim {
  upstream: string;
  accountDigest: string;
  credentialId: string;
  /** Epoch milliseconds. */
  at: number;
}

export interface SignInStore {
  begin(signIn: SignIn): Promise<void>;
  /** Once, by its user, in time; null: there is none for them. Told again to the same taker, whose answer may have been lost. */
  take(asked: { stateDigest: string; userId: string; taker: string; now: number }): Promise<SignIn | null>;
  /**
   * Where another one has the claim, that is returned and stays, unless it is the one that `instead` names.
   * @returns null: the claim is ours
   */
  claim(claim: AccountClaim, instead: AccountClaim | null): Promise<AccountClaim | null>;
  /** Gives up a claim that is this credential's. */
  release(claim: AccountClaim): Promise<void>;
}
