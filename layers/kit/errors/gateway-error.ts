import { ERROR_CATALOGUE, type ErrorCode } from './catalogue.ts';

/** Code in a layer and code in a bundle may both hold this class, so it is known by marker, never by `instanceof`. */
const MARKER = Symbol.for('sluice.gateway-error');

export interface GatewayErrorFacts {
  /** The sentence the caller reads. No secret, no prompt. */
  message: string;
  /** The field at fault, as a path: `messages[0].role`. */
  param?: string | undefined;
  /** For the log only. No secret, no prompt. */
  internal?: string | undefined;
  /** Whole seconds until the same call may succeed. */
  retryAfterSeconds?: number | undefined;
  /** Further response headers, lower-case names. */
  headers?: Readonly<Record<string, string>> | undefined;
  cause?: unknown;
}

/** A refusal or failure with a code from the catalogue; only the edge turns it into a status and a body. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly type: string;
  readonly param: string | undefined;
  readonly internal: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ErrorCode, facts: GatewayErrorFacts) {
    super(facts.message, { cause: facts.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = ERROR_CATALOGUE[code].status;
    this.type = ERROR_CATALOGUE[code].type;
    this.param = facts.param;
    this.internal = facts.internal;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.headers = facts.headers;
    Object.defineProperty(this, MARKER, { value: true });
  }
}

export function isGatewayError(error: unknown): error is GatewayError {
  return typeof error === 'object' && error !== null && MARKER in error;
}
