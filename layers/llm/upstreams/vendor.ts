import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamFormatName } from '../formats/format-name.ts';
import type { ImageDialect } from '../images/driver.ts';
import type { VideoDialect } from '../videos/driver.ts';

/** What a vendor's file must know to say where calls go. */
export interface UpstreamAddressing {
  /** The upstream's name, for messages. */
  upstream: string;
  /** Without a trailing slash; a query in it goes with every call. */
  baseUrl: string;
  format: UpstreamFormatName;
  credentialKind: string;
  /** The opened secret. */
  secret: string;
}

/** What is asked of an upstream. */
export type UpstreamOperation =
  | 'generate'
  | 'stream'
  | 'embed'
  | 'embed-batch'
  | 'count-tokens'
  | 'images-generate'
  | 'images-edit'
  | 'video-create'
  | 'video-state'
  | 'video-content'
  | 'list-models';

export interface UpstreamCallFacts {
  /** `list-models` is a GET, all others are POSTs. */
  operation: UpstreamOperation;
  /** The upstream's own name of the model. */
  model: string;
  /** The upstream's own id of what is asked after: of films. */
  id?: string | undefined;
}

/** One call's address: where it goes and how the credential is presented. */
export interface CallAddress {
  /** `https://host:port`. */
  origin: string;
  /** Path and query, percent-encoded. */
  path: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** The whole call is to be signed by AWS Signature Version 4 with the function's role; null where it is not. */
  signing: { service: string; region: string } | null;
}

/** How an upstream cuts its streams into events. */
export type Framing =
  | 'sse'
  /** `application/vnd.amazon.eventstream`, a JSON payload in each frame. */
  | 'aws-event-stream'
  /** The same, and each payload wraps an event of the format itself: `{"bytes": "<base64>"}`. */
  | 'aws-event-stream-wrapped';

/** One upstream under one credential. */
export interface AddressedUpstream {
  framing: Framing;
  /** Members that the vendor wants in the body or does not know there, beyond what the format says. */
  body: BodyQuirks;
  /** How it is asked for pictures; absent where it draws none. */
  images?: ImageOffer | undefined;
  /** How it is asked for films; absent where it makes none. */
  videos?: VideoDialect | undefined;
  address(call: UpstreamCallFacts): CallAddress;
}

export interface ImageOffer {
  dialect: ImageDialect;
  /** It takes `response_format`; vendors whose models know one way to answer refuse the word. */
  saysResponseFormat: boolean;
}

export interface BodyQuirks {
  /** Top-level members to leave out: model and stream stand in the path. */
  without: readonly string[];
  /** Top-level members to set. */
  members: Readonly<Record<string, string>>;
}

export const PLAIN_BODY: BodyQuirks = { without: [], members: {} };

/** One vendor: where its endpoints are and how a credential is presented. An error says why no call can be made. */
export type Vendor = (addressing: UpstreamAddressing) => AddressedUpstream | GatewayError;
