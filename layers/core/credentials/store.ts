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
  createdAt: number;
  updatedAt: number;
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
  enabled: boolean;
  proxyUrl: string | null;
  /** What all keys together may ask of it; empty = no limit, and no ledger account of its own. */
  limits: KeyLimits;
  /** What the upstream is sent; sealed with the associated data of `credentialAssociatedData`. */
  secret: SealedValue;
  /** HMAC of the secret, so that importing the same document twice is seen to change nothing. */
  secretDigest: string;
  createdAt: number;
  updatedAt: number;
}

export interface VaultStore {
  findUpstream(name: string): Promise<Upstream | null>;
  listUpstreams(): Promise<Upstream[]>;
  putUpstream(upstream: Upstream): Promise<void>;
  deleteUpstream(name: string): Promise<boolean>;
  /** All credentials of one upstream, by priority and then name. */
  listCredentials(upstream: string): Promise<Credential[]>;
  findCredential(upstream: string, credentialId: string): Promise<Credential | null>;
  putCredential(credential: Credential): Promise<void>;
  deleteCredential(upstream: string, credentialId: string): Promise<boolean>;
}
