import type { ErrorCode } from '@sluice/kit/errors/catalogue';
import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { DeliveredText } from '@sluice/llm/formats/wire-format';
import type { UsageFigures } from '@sluice/llm/formats/usage-figures';
import type { UpstreamFailure } from '../credentials/cooldown.ts';
import type { Candidate } from './candidates.ts';

/** What became of a request, as far as the ledger cares. */
export interface Served {
  /** What the client was answered with; 499 when it left before the end. */
  status: number;
  error: ErrorCode | null;
  /** `nothing` costs nothing: no content was made for this request that anybody will charge for. */
  extent: 'complete' | 'partial' | 'nothing';
  /** The upstream's own report. */
  usage: UsageFigures | null;
  /** The answer had come to its end when the report came, so nothing is missing in it. */
  usageIsFinal: boolean;
  /** Text that the client was sent, to be counted when there is no report. */
  delivered: (() => DeliveredText) | null;
  candidate: Candidate | null;
  /** A job goes on with it in another process, which settles it. */
  goesOn?: true | undefined;
}

/** An answer of an upstream that is told to the client as it is. */
export interface UpstreamRefusal {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Failed {
  kind: 'failed';
  error: GatewayError;
  /** Another credential or upstream may answer. */
  retryable: boolean;
  status: number;
  /** The upstream's own answer where the client may read it. */
  passOn: UpstreamRefusal | null;
  /** What the pool is told; null where neither upstream nor credential can be blamed. */
  failure: UpstreamFailure | null;
}

export type AttemptResult =
  /** `failure`: it broke after content had gone out. */
  { kind: 'served'; served: Served; failure: UpstreamFailure | null } | Failed | { kind: 'gone'; served: Served };

export const CLIENT_GONE_STATUS = 499;

export function nothingServed(status: number, error: ErrorCode | null): Served {
  return { status, error, extent: 'nothing', usage: null, usageIsFinal: false, delivered: null, candidate: null };
}
