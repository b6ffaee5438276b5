import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { OutputCapField } from '../formats/wire-format.ts';

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
  /** The field by which this vendor lets an answer's length be bounded. */
  outputCapField: OutputCapField;
}

/** One vendor: where its endpoints are and how a credential is presented. An error says why a call cannot be made. */
export type VendorAddress = (addressing: UpstreamAddressing) => AddressedCall | GatewayError;
