import type { RefreshPolicy } from '../store.ts';
import type { SealedGrant } from './tokens.ts';

/** What became of one exchange with a token endpoint (architecture.md §7, the table of outcomes). */
export type ExchangeOutcome =
  /** The server gave tokens. */
  | { kind: 'granted'; grant: SealedGrant; text: string }
  /** No byte of the request left: the name was not found, the proxy failed. */
  | { kind: 'not-sent'; text: string }
  /** The server said no to the request, not to the refresh token: 429, `invalid_client`, another 4xx. */
  | { kind: 'refused'; text: string; retryAfterMs: number | null }
  /** 5xx: whether the refresh token was used up is a matter of the server's reputation. */
  | { kind: 'server-error'; text: string; retryAfterMs: number | null }
  /** `invalid_grant`: the refresh token is no good. */
  | { kind: 'invalid-grant'; text: string }
  /** The request was sent, and no answer that can be understood came back. */
  | { kind: 'unknown'; text: string };

export const DEFAULT_REFRESH_POLICY: RefreshPolicy = {
  serverError: 'not-consumed',
  serverErrorTries: 5,
  ambiguous: 'stop',
};

/** Why somebody wants a refresh. */
export type RefreshCause =
  /** The sweep: when it is due, or was not refreshed since `staleBefore`. */
  | { kind: 'schedule'; staleBefore: number | null }
  /** The caller holds the access token of this digest, which is over or was refused. One refresh for each. */
  | { kind: 'access-token'; digest: string | null }
  /** Now, whatever stands there; a refresh that ended after `since` counts as this one. */
  | {
      kind: 'manual';
      since: number;
      /** An operator's word: try again although the outcome of the last attempt is unknown, or was `invalid_grant`. */
      onceMore: boolean;
    };

export type RefreshOutcome =
  /** By this call. */
  | 'refreshed'
  /** Somebody else refreshed it meanwhile; what stands in the row is good. */
  | 'current'
  | 'not-due'
  /** Somebody else is still at it. */
  | 'busy'
  | 'backing-off'
  /** Tried, and the refresh token is unused. */
  | 'failed'
  | 'invalid'
  | 'ambiguous'
  /** The tokens came after the operator had given another refresh token; they lie aside. */
  | 'superseded'
  /** The tokens could not be saved in their row; they lie aside. */
  | 'unsaved'
  | 'no-refresh-token'
  | 'not-found'
  | 'store-unavailable';

export interface RefreshResult {
  outcome: RefreshOutcome;
  /** A sentence without secrets. */
  text: string;
}

/** Something that somebody has to know of. Logged before the next thing is waited for. */
export interface Alarm {
  event:
    | 'credential_refresh_ambiguous'
    | 'credential_refresh_token_invalid'
    | 'credential_refresh_failing'
    | 'credential_tokens_superseded'
    | 'credential_tokens_unsaved'
    | 'credential_tokens_in_log';
  attempt: string;
  text: string;
  /** The sealed tokens, where no store would take them. */
  grant: SealedGrant | null;
}
