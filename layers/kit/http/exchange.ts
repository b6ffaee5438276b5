import type { GatewayError } from '../errors/gateway-error.ts';

/**
 * The plain request and answer that the cores work with. No web `Request`/`Response`, no Lambda event, no Node
 * stream: adapters translate (architecture.md §1.2).
 */
export interface PlainRequest {
  /** Upper case. */
  method: string;
  /** Path as sent, percent-encoded, without the query string. */
  path: string;
  /** Query string without `?`; empty when there is none. */
  query: string;
  /** Lower-case names; repeated headers joined with `, ` (cookies with `; `). */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** The client's address as the CDN reported it; empty when unknown. */
  clientAddress: string;
}

/** Where an answer is written as it comes into being. */
export interface Sink {
  /** Status and headers; called once, before the first `write`. An array is a header sent several times (set-cookie). */
  head(status: number, headers: Record<string, string | string[]>): void;
  /** Resolves when more may be written (backpressure); resolves too when the client is gone, bytes are then dropped. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** The answer is complete. */
  end(): void | Promise<void>;
  /** Breaks the connection, so that a body of which bytes were sent cannot pass for complete. */
  destroy(): void;
  /** Aborted when the client went away, where the host can see it (not on a function URL). */
  readonly gone: AbortSignal;
}

/**
 * Tells an error that no handler has answered, in the dialect of the request's reader. The path is empty where the
 * request could not be read.
 */
export type EncodeError = (request: ReadHead, error: GatewayError) => PlainResponse;

interface ReadHead {
  path: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
}

/** A whole answer, for the control plane. */
export interface PlainResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: string | Uint8Array;
}
