import type { Clock } from '@sluice/kit/time/clock';
import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import type { Logger } from '@sluice/kit/log/logger';
import type { Price } from '../catalog/store.ts';
import { ADMISSION_MARGIN_MS } from './margin.ts';
import { costMicros } from './price.ts';
import {
  NO_USAGE,
  TIME_SLICE_MS,
  type SweepStore,
  type UsageClosing,
  type UsageEvent,
  type UsageStore,
} from './store.ts';

/*
 * Closes the usage events that nobody closed: their process was killed, or its last writes failed. The relay ends every
 * request before the margin, so an event that is older has no owner any more. Such an event is charged its input
 * estimate: the upstream may have been called, and what came back was never seen.
 *
 * Time slices are read from a watermark on, once each; an interrupted run goes on where it stopped, and a slice that
 * is read twice finds its events closed.
 */

export interface SweepDeps {
  usage: Pick<UsageStore, 'closeEvent'>;
  sweep: SweepStore;
  /** The price of a model by version; null when there is none. */
  findPrice(model: string, version: number): Promise<Price | null>;
  clock: Clock;
  logger: Logger;
}

export interface SweepRequest {
  /** How old an event must be; by hand only. Default: the margin. A younger one may still be running. */
  olderThanMs?: number | undefined;
}

export interface SweepReport {
  /** Time slices read. */
  slices: number;
  /** Events closed as abandoned by this run. */
  closed: number;
  /** Events that somebody else closed in between. */
  closedByOthers: number;
  /** What the closed events were charged, in micro-dollars. */
  costMicros: number;
  /** Events whose price version is no longer known; charged nothing, and logged. */
  withoutPrice: number;
  /** All time slices before this instant are swept. ISO 8601. */
  sweptUntil: string;
  /** There is more to sweep than one run does; the next one goes on. */
  more: boolean;
}

/** A day of time slices per run: a few seconds of reading. */
const MOST_SLICES = 288;
/** Where the very first run begins: nothing was written before the schedule was there, but for this much. */
const FIRST_RUN_MS = 60 * 60_000;
/** Most slices of a quiet gateway are empty, and reading one is mostly waiting. */
const AT_ONCE = 8;
const PAGE = 100;

export async function sweepHolds(deps: SweepDeps, request: SweepRequest = {}): Promise<SweepReport> {
  const now = deps.clock();
  const olderThan = now - (request.olderThanMs ?? ADMISSION_MARGIN_MS);
  // A slice is done with for good when all of it was looked at and is past the margin, however young a run by hand looks.
  const final = sliceStart(Math.min(olderThan, now - ADMISSION_MARGIN_MS));
  const sweptBefore = (await deps.sweep.readSweptUntil()) ?? sliceStart(now - FIRST_RUN_MS);
  const report: SweepReport = {
    slices: 0,
    closed: 0,
    closedByOthers: 0,
    costMicros: 0,
    withoutPrice: 0,
    sweptUntil: new Date(sweptBefore).toISOString(),
    more: false,
  };
  const eachSlice = { ...deps, findPrice: rememberPrices(deps.findPrice) };

  let slice = sliceStart(sweptBefore);
  while (slice <= olderThan && report.slices < MOST_SLICES) {
    const last = Math.min(olderThan, slice + (AT_ONCE - 1) * TIME_SLICE_MS);
    const group: number[] = [];
    for (; slice <= last; slice += TIME_SLICE_MS) group.push(slice);
    await Promise.all(group.map((one) => sweepSlice(eachSlice, { slice: one, olderThan, now }, report)));
    report.slices += group.length;
  }
  const sweptUntil = Math.max(sweptBefore, Math.min(slice, final));
  if (sweptUntil > sweptBefore) await deps.sweep.moveSweptUntil(sweptUntil);
  report.sweptUntil = new Date(sweptUntil).toISOString();
  report.more = slice <= olderThan;
  return report;
}

function sliceStart(timeMs: number): number {
  return Math.floor(timeMs / TIME_SLICE_MS) * TIME_SLICE_MS;
}

async function sweepSlice(
  deps: SweepDeps,
  { slice, olderThan, now }: { slice: number; olderThan: number; now: number },
  report: SweepReport,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const page = await deps.sweep.listOpenEventsOfSlice(slice, { limit: PAGE, cursor });
    for (const event of page.items) {
      const madeAt = timeOfRequestId(event.requestId);
      if (madeAt !== null && madeAt <= olderThan) await abandon(deps, event, now, report);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
}

async function abandon(deps: SweepDeps, event: UsageEvent, now: number, report: SweepReport): Promise<void> {
  const price = event.priceVersion === null ? null : await deps.findPrice(event.model, event.priceVersion);
  if (price === null && event.priceVersion !== null) {
    report.withoutPrice += 1;
    deps.logger.error('abandoned_without_price', {
      request_id: event.requestId,
      model: event.model,
      price_version: event.priceVersion,
    });
  }
  const parts = { ...NO_USAGE, input: event.inputEstimate };
  const closing: UsageClosing = {
    source: 'abandoned',
    servedModel: null,
    upstream: null,
    credential: null,
    parts,
    costMicros: costMicros(parts, price),
    status: 500,
    error: 'internal_error',
    firstByteMs: null,
    // Nobody saw its end.
    durationMs: 0,
    attempts: [],
    warnings: [],
    closedAt: now,
  };
  const owner = { userId: event.userId, keyId: event.keyId };
  const outcome = await deps.usage.closeEvent(event.requestId, closing, owner);
  if (outcome.outcome !== 'closed') {
    report.closedByOthers += 1;
    return;
  }
  report.closed += 1;
  report.costMicros += closing.costMicros;
  deps.logger.warn('abandoned', {
    request_id: event.requestId,
    user_id: event.userId,
    cost_micros: closing.costMicros,
  });
}

/** One run meets the same few prices again and again. */
function rememberPrices(findPrice: SweepDeps['findPrice']): SweepDeps['findPrice'] {
  const known = new Map<string, Promise<Price | null>>();
  return (model, version) => {
    const id = `${version} ${model}`;
    const price = known.get(id) ?? findPrice(model, version);
    known.set(id, price);
    return price;
  };
}
