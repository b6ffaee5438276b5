import { timeOfRequestId } from '@sluice/kit/ids/request-id';
import type { Price } from '../catalog/store.ts';
import { passAccounts, type AccountPassDeps } from './account-pass.ts';
import { ADMISSION_MARGIN_MS } from './margin.ts';
import { repairEvent } from './repair.ts';
import type { OwedUse } from '../sharing/store.ts';
import { TIME_SLICE_MS, type SweepStore, type UsageEvent } from './store.ts';

/*
 * Closes the usage events that nobody closed, and settles the holds that nobody settled: their process was killed, or
 * its last writes failed. The relay ends every request before the margin, so what is older has no owner any more. An
 * event is charged its input estimate where the upstream may have been called; what came back was never seen.
 *
 * Time slices are read from a watermark on, once each; an interrupted run goes on where it stopped, and a slice that
 * is read twice finds its events closed. A use of the shared pool that its process closed and did not log is logged. Once a day all ledger accounts are looked at besides.
 */

export interface SweepDeps extends AccountPassDeps {
  sweep: SweepStore;
  /** Logs a use of the shared pool where that is not done yet; whether it was this call. */
  logOwedUse(owed: OwedUse): Promise<boolean>;
}

export interface SweepRequest {
  /** How old an event or a hold must be; by hand only, and then all accounts are looked at. A younger one may still be running. */
  olderThanMs?: number | undefined;
}

export interface SweepReport {
  /** Time slices read. */
  slices: number;
  /** Events closed by this run, as abandoned or, where they were never let in, as void. */
  closed: number;
  /** Events that somebody else closed in between. */
  closedByOthers: number;
  /** What the closed events were charged, in micro-dollars. */
  costMicros: number;
  /** Events whose price version is no longer known; charged nothing, and logged. */
  withoutPrice: number;
  /** Uses of the shared pool that a dead process had closed and not deducted. */
  usesLogged: number;
  /** All time slices before this instant are swept. ISO 8601. */
  sweptUntil: string;
  /** Ledger accounts looked at, and holds found there that this run settled. */
  accounts: number;
  holdsSettled: number;
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
    usesLogged: 0,
    accounts: 0,
    holdsSettled: 0,
    sweptUntil: new Date(sweptBefore).toISOString(),
    more: false,
  };
  const eachSlice = { ...deps, findPrice: rememberPrices(deps.findPrice) };

  let slice = sliceStart(sweptBefore);
  while (slice <= olderThan && report.slices < MOST_SLICES) {
    const last = Math.min(olderThan, slice + (AT_ONCE - 1) * TIME_SLICE_MS);
    const group: number[] = [];
    for (; slice <= last; slice += TIME_SLICE_MS) group.push(slice);
    await Promise.all(group.map((one) => sweepSlice(eachSlice, { slice: one, olderThan }, report)));
    report.slices += group.length;
  }
  const sweptUntil = Math.max(sweptBefore, Math.min(slice, final));
  if (sweptUntil > sweptBefore) await deps.sweep.moveSweptUntil(sweptUntil);
  report.sweptUntil = new Date(sweptUntil).toISOString();
  const pass = await passAccounts(deps, {
    olderThanMs: request.olderThanMs ?? ADMISSION_MARGIN_MS,
    byHand: request.olderThanMs !== undefined,
  });
  report.accounts = pass.accounts;
  report.holdsSettled = pass.holdsSettled;
  report.more = slice <= olderThan || pass.more;
  return report;
}

function sliceStart(timeMs: number): number {
  return Math.floor(timeMs / TIME_SLICE_MS) * TIME_SLICE_MS;
}

async function sweepSlice(
  deps: SweepDeps,
  { slice, olderThan }: { slice: number; olderThan: number },
  report: SweepReport,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const page = await deps.sweep.listOpenEventsOfSlice(slice, { limit: PAGE, cursor });
    for (const event of page.items) {
      const madeAt = timeOfRequestId(event.requestId);
      if (madeAt === null || madeAt > olderThan) continue;
      if (event.phase === 'open') await close(deps, event, report);
      else await logUseOf(deps, event, report);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
}

async function logUseOf(
  deps: SweepDeps,
  { requestId, userId, closing }: UsageEvent,
  report: SweepReport,
): Promise<void> {
  if (closing?.poolUse === undefined || !(await deps.logOwedUse(closing.poolUse))) return;
  report.usesLogged += 1;
  deps.logger.warn('pool_use_repaired', { request_id: requestId, user_id: userId });
}

async function close(deps: SweepDeps, event: UsageEvent, report: SweepReport): Promise<void> {
  const repaired = await repairEvent(deps, event);
  if (repaired.outcome === 'closed-by-others') {
    report.closedByOthers += 1;
    return;
  }
  const { source, costMicros } = repaired.closing;
  report.closed += 1;
  report.costMicros += costMicros;
  if (repaired.withoutPrice) report.withoutPrice += 1;
  deps.logger.warn('abandoned', {
    request_id: event.requestId,
    user_id: event.userId,
    source,
    cost_micros: costMicros,
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
