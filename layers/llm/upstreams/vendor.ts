import type { GatewayError } from '@sluice/kit/errors/gateway-error';

/** What a vendor's file must know to address a call. */
export interface UpstreamAddressing {
  /** The upstream's name, for messages. */
  upstream: string;
  /** Without a trailing slash. */
  baseUrl: string;
  format: string;
  credentialKind: string;
  /** The opened secret. */
  secret: string;
}

export interface AddressedCall {
  url: URL;
  /** Lower-case names. */
  headers: Record<string, string>;
}

/** One vendor: where its endpoints are and how a credential is presented. An error says why a call cannot be made. */
export type VendorAddress = (addressing: UpstreamAddressing) => AddressedCall | GatewayError;
