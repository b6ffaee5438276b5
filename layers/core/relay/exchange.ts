import type { ErrorEnvelope } from '@sluice/kit/errors/envelopes';
import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest, Sink } from '@sluice/kit/http/exchange';
import type { PathFacts } from '@sluice/llm/formats/path-facts';
import type { WireFormat } from '@sluice/llm/formats/wire-format';
import type { Attempt } from '../metering/store.ts';
import type { Caller } from './authenticate.ts';
import type { Drawing } from './images/drawing.ts';
import type { FilmWork } from './films/film-work.ts';
import type { JobRun } from './job-work.ts';

/** One client's request on its way through the relay; lives as long as the request and is shared with no other. */
export interface Exchange {
  /** Ours; the ledger knows the request by it. */
  requestId: string;
  /** The client's own `x-request-id`, when it is fit to be echoed. */
  clientRequestId: string | null;
  request: PlainRequest;
  sink: Sink;
  format: WireFormat;
  /** What the path says of the request; null where it says nothing. */
  path: PathFacts | null;
  /** A stream begins with its true input tokens, counted if need be. */
  tellsInputFirst: boolean;
  /**
   * How a stream's client is told of an upstream's failure under status 200, even when nothing was sent before: two of
   * the contracts' surfaces want it so. Null: by the status where that is still possible, by the format's event else.
   */
  tellInBand: ((error: GatewayError) => Buffer) | null;
  /** Whose error object the client reads. */
  envelope: ErrorEnvelope;
  /** Wall clock, milliseconds since the epoch. */
  startedAt: number;
  /** On the scheduler's clock. */
  startedMono: number;
  /** Null until it is known who asks. */
  caller: Caller | null;
  attempts: Attempt[];
  warnings: string[];
  /** Milliseconds by step, for `server-timing`. */
  timings: { name: string; durationMs: number }[];
  /** CORS headers and the like, decided before the request was looked at. */
  surfaceHeaders: Record<string, string>;
  /** The upstream and credential that answer; for administrators. */
  servedBy: { upstream: string; credential: string; attempt: number } | null;
  /** How pictures are asked for and told; null where none are. */
  drawing: Drawing | null;
  /** The job that this is a run of; null: the request is its client's own, done when it is answered. */
  run: JobRun | null;
  /** A film that is asked for; what the body says of it is for the ledger only. */
  film?: FilmWork | undefined;
}

/** More than a body may have on the wire: text that is mostly repeated is what is worth compressing. */
export const MOST_DECODED_BYTES = 16 * 1024 * 1024;

const ECHOED_REQUEST_ID = /^[\w.:=/+-]{1,128}$/;

export function readClientRequestId(headers: Readonly<Record<string, string>>): string | null {
  const given = headers['x-request-id'];
  return given !== undefined && ECHOED_REQUEST_ID.test(given) ? given : null;
}

const LONGEST_APP = 64;

/** The program that asks: `x-app`, or the first product of `user-agent`. */
export function readClientApp(headers: Readonly<Record<string, string>>): string | null {
  const app = headers['x-app'] ?? headers['user-agent']?.split(' ', 1)[0];
  return app === undefined || app === '' ? null : app.slice(0, LONGEST_APP);
}
