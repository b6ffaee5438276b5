import { NO_FIGURES, type UsageFigures } from '@sluice/llm/formats/usage-figures';
import type { Page, PageRequest } from '../identity/store.ts';
import type { OwedUse } from '../sharing/store.ts';

/** Usage events. `layers/aws/tables/ledger.ts` implements the store. */

/** Disjoint parts: no token is counted in two of them. */
export type UsageParts = UsageFigures;

export const NO_USAGE: Readonly<UsageParts> = NO_FIGURES;

/** Where the figures come from: the upstream's final report, what was delivered before a cut, our estimate, the sweep, nothing. */
export type UsageSource = 'reported' | 'partial' | 'estimated' | 'abandoned' | 'void';

export interface Attempt {
  upstream: string;
  /** Name of the credential. */
  credential: string;
  /** The upstream's status; 0 when it never answered. */
  status: number;
  /** Code from the error catalogue; null when the attempt succeeded. */
  error: string | null;
  durationMs: number;
}

/** What is known when a request is admitted. */
export interface OpenUsageEvent {
  requestId: string;
  userId: string;
  keyId: string;
  /** The public model the client asked for. */
  model: string;
  /** The client's wire format, e.g. `openai-chat`. */
  format: string;
  stream: boolean;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Input tokens estimated from the request's bytes: what the sweep charges when a request is abandoned. */
  inputEstimate: number;
  priceVersion: number | null;
  /** The client's own `x-request-id`, shortened; null when none. */
  clientRequestId: string | null;
  /** From `x-app` or the first product of `user-agent`, shortened. */
  clientApp: string | null;
  /** A ledger account holds something for this request; absent where no limit binds it. */
  isHeld?: boolean | undefined;
  /** From when on the event may be deleted (milliseconds since the epoch); absent: after the usual time. Lists tell it. */
  expiresAt?: number | undefined;
}

export interface UsageClosing {
  source: UsageSource;
  servedModel: string | null;
  upstream: string | null;
  credential: string | null;
  parts: UsageParts;
  costMicros: number;
  /** By which the request was charged where its route has a price of its own; absent: the event's. */
  priceVersion?: number | undefined;
  /** The status the client was answered with; 499 when it left before an answer. */
  status: number;
  /** Code from the error catalogue; null on success. */
  error: string | null;
  firstByteMs: number | null;
  durationMs: number;
  attempts: Attempt[];
  warnings: string[];
  /** Of the quota class, where that is not the number of images; absent: as many as there are, or were held. */
  units?: number | undefined;
  /** Milliseconds since the epoch. */
  closedAt: number;
  /** Ledger accounts, beside the user's, that held something when the request ended; absent where there was none. */
  furtherAccounts?: string[] | undefined;
  /**
   * The use of a user's credential that is yet to come into the log of the shared pool, with what it deducts. Written
   * with the figures, so that no crash between the two loses it.
   */
  poolUse?: OwedUse | undefined;
}

export interface UsageEvent extends OpenUsageEvent {
  phase: 'open' | 'closed';
  /** Null while open. */
  closing: UsageClosing | null;
  /** What its process said when the event was closed as abandoned already; charged to nobody. */
  late?: LateFigures | undefined;
}

export type LateFigures = Pick<UsageClosing, 'source' | 'parts' | 'costMicros'>;

export interface UsageStore {
  /** Put under `attribute_not_exists(pk)`; a second call with the same request id answers `exists`. */
  openEvent(event: OpenUsageEvent): Promise<'opened' | 'exists'>;
  /**
   * Closes an open event and gives it its list-index keys; what is stored then is what was given, so it is not read
   * back. Whoever comes second gets the stored figures, unchanged. `not-found` when no event was opened under this id.
   */
  closeEvent(
    requestId: string,
    closing: UsageClosing,
    owner: { userId: string; keyId: string },
  ): Promise<{ outcome: 'closed' } | { outcome: 'already-closed'; event: UsageEvent } | { outcome: 'not-found' }>;
  findEvent(requestId: string): Promise<UsageEvent | null>;
  /** Notes figures that came after the event was closed; the first ones stay. */
  noteLate(requestId: string, late: LateFigures): Promise<void>;
  /** Closed events, newest first. Times are milliseconds since the epoch, `to` exclusive. */
  listEventsOfUser(userId: string, range: { from: number; to: number }, page: PageRequest): Promise<Page<UsageEvent>>;
  listEventsOfKey(keyId: string, range: { from: number; to: number }, page: PageRequest): Promise<Page<UsageEvent>>;
  /** Every event of one 5-minute time slice; `startMs` is any instant in it. */
  listEventsOfSlice(startMs: number, page: PageRequest): Promise<Page<UsageEvent>>;
}

/** What the sweep asks besides. Implemented by the same table file. */
export interface SweepStore {
  /**
   * The events of one time slice that nobody closed, and those whose closing tells of a use of the shared pool;
   * `startMs` is any instant in it.
   */
  listOpenEventsOfSlice(startMs: number, page: PageRequest): Promise<Page<UsageEvent>>;
  /** All time slices that end at or before this instant were swept (milliseconds since the epoch); null: none yet. */
  readSweptUntil(): Promise<number | null>;
  /** Never moves back. */
  moveSweptUntil(untilMs: number): Promise<void>;
}

/** Length of a time slice of usage events. */
export const TIME_SLICE_MS = 5 * 60_000;
