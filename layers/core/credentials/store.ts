/** Upstreams and the credentials presented to them. `layers/aws/tables/vault.ts` implements the store. */

import type { KeyLimits } from '../identity/store.ts';

export const UPSTREAM_FORMATS = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'openai-images',
  'bedrock-converse',
] as const;
export type UpstreamFormat = (typeof UPSTREAM_FORMATS)[number];

export const VENDORS = [
  'openai',
  'xai',
  'anthropic',
  'gemini',
  'azure-openai',
  'bedrock',
  'openai-compatible',
] as const;
export type Vendor = (typeof VENDORS)[number];

/** A vendor endpoint that speaks a format. */
export interface Upstream {
  name: string;
  format: UpstreamFormat;
  vendor: Vendor;
  /** Without a trailing slash, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  /** Where its OAuth credentials are refreshed; absent or null where it has none. */
  oauth?: OAuthClient | null | undefined;
  createdAt: number;
  updatedAt: number;
}

/** How a token endpoint is known to behave where the standard leaves it open. */
export interface RefreshPolicy {
  /** Whether a server that answers 5xx may have used up the refresh token all the same. */
  serverError: 'not-consumed' | 'unknown';
  /** 5xx in a row, after which it is left alone for longer and somebody is told. */
  serverErrorTries: number;
  /** `send-once-more`: the server is known to allow a second try with the same refresh token after a lost answer. */
  ambiguous: 'stop' | 'send-once-more';
}

/** An OAuth client of the operator's own at an authorization server (RFC 6749). */
export interface OAuthClient {
  tokenUrl: string;
  authorizeUrl: string | null;
  clientId: string;
  /** Sealed with the associated data of `clientSecretAssociatedData`; null for a public client. */
  clientSecret: SealedValue | null;
  /** HMAC of it, so that importing the same document twice is seen to change nothing. */
  clientSecretDigest: string | null;
  /** How the client identifies itself: in the form, or by HTTP Basic (RFC 6749 §2.3.1). */
  clientAuth: 'body' | 'basic';
  scope: string | null;
  /** Further members of the form, such as `redirect_uri`. */
  extra: Record<string, string>;
  /** Where the browser is sent after signing in. */
  redirectUri?: string | undefined;
  /** Further members of the authorization request, such as `access_type`. */
  authorizeExtra?: Record<string, string> | undefined;
  policy: RefreshPolicy;
}

/** A value sealed to the vault's public key (RFC 9180); readable by the holders of the vault seed only. */
export interface SealedValue {
  /** Version of the vault key, e.g. `v1`. */
  keyVersion: string;
  /** base64 */
  encapsulatedSecret: string;
  /** base64 */
  ciphertext: string;
}

export const CREDENTIAL_KINDS = ['api_key', 'oauth', 'aws_role', 'headers'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export interface Credential {
  id: string;
  upstream: string;
  /** Unique within its upstream. */
  name: string;
  kind: CredentialKind;
  tier: 'basic' | 'super';
  /** Lower is tried first. */
  priority: number;
  weight: number;
  /** By the operator. */
  enabled: boolean;
  /** By the user whose it is; absent = no. */
  disabledByOwner?: boolean | undefined;
  /** `http:`, `https:` or `socks5:`, without its user name and password. */
  proxyUrl: string | null;
  /** `user:password` of the proxy, each percent-encoded; sealed with the associated data of `credentialAssociatedData`. */
  proxyAuth?: SealedValue | null | undefined;
  proxyAuthDigest?: string | null | undefined;
  /**
   * The member of the proxy list (`proxy-list.ts`) that the proxy is; its password is sealed to that member then. Null
   * or absent: the proxy was given for this credential alone.
   */
  proxyMember?: string | null | undefined;
  /** What all keys together may ask of it; empty = no limit, and no ledger account of its own. */
  limits: KeyLimits;
  /**
   * What the upstream is sent; sealed with the associated data of `credentialAssociatedData`. Null for OAuth, whose
   * tokens have a row of their own (`refresh/tokens.ts`).
   */
  secret: SealedValue | null;
  /**
   * HMAC of the secret, so that importing the same document twice is seen to change nothing; for OAuth of the refresh
   * token that the operator gave last, whatever became of it since.
   */
  secretDigest: string;
  /** Of OAuth: `refreshTokenDigest` of the refresh token that it came with; no other credential may come with the same. */
  tokenDigest?: string | null | undefined;
  /** Of OAuth credentials: the client, where it is another one than the upstream's. */
  clientId?: string | null | undefined;
  /** What machines ask for its tokens by. */
  bizId?: string | null | undefined;
  email?: string | null | undefined;
  tag?: string | null | undefined;
  memo?: string | null | undefined;
  createdAt: number;
  updatedAt: number;
}

/** What becomes of the tokens of a credential when its row is written. */
export type TokensChange =
  | { kind: 'keep' }
  /** A refresh token that the operator gave, or that came of a sign-in, with what came with it. */
  | { kind: 'give'; refreshToken: SealedValue; access?: GivenAccess | null; now: number };

/** An access token of somebody who just signed in. */
export interface GivenAccess {
  accessToken: SealedValue;
  accessDigest: string;
  /** Epoch milliseconds; null = unknown. */
  accessExpiresAt: number | null;
}

export interface VaultStore {
  findUpstream(name: string): Promise<Upstream | null>;
  listUpstreams(): Promise<Upstream[]>;
  putUpstream(upstream: Upstream): Promise<void>;
  deleteUpstream(name: string): Promise<boolean>;
  /** All credentials of one upstream, by priority and then name. */
  listCredentials(upstream: string): Promise<Credential[]>;
  findCredential(upstream: string, credentialId: string): Promise<Credential | null>;
  findCredentialByName(upstream: string, name: string): Promise<Credential | null>;
  /** Whose secret this is, by `secretMark`; of refresh tokens also such as were rotated in since. */
  findCredentialBySecret(mark: string): Promise<Credential | null>;
  /**
   * With the credential its tokens change, or nothing changes. Tokens of other kinds than OAuth there are none.
   * @throws GatewayError `conflict` when another one has the name or the secret; `invalid_field` for the biz id
   */
  putCredential(credential: Credential, tokens?: TokensChange): Promise<void>;
  /** The same of one whose id was just made, without a look at what may stand there. */
  addCredential(credential: Credential, tokens?: TokensChange): Promise<void>;
  deleteCredential(upstream: string, credentialId: string): Promise<boolean>;
}
