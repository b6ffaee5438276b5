import { totalTokens } from '@sluice/llm/formats/usage-figures';
import { noSums, addSums, type RollUpRow } from '../metering/roll-up.ts';
import { quantile, sumService, type ServiceSums } from '../metering/service-sums.ts';
import { servedBy } from './pool-health.ts';

/** How the gateway served in a time; null where nothing was measured. */
export interface SystemFigures {
  requests: number;
  succeeded: number;
  failed: number;
  /** Failed by no fault of their client. */
  faults: number;
  errorRatePercent: number | null;
  tokens: number;
  costMicros: number;
  meanDurationMs: number | null;
  p50DurationMs: number | null;
  p95DurationMs: number | null;
  meanFirstByteMs: number | null;
  p50FirstByteMs: number | null;
  p95FirstByteMs: number | null;
}

/** @param rows of one dimension; requests that were never let in count nowhere */
export function figuresOf(rows: Iterable<RollUpRow>): SystemFigures {
  const sums = noSums();
  let service: ServiceSums | undefined;
  for (const row of rows) {
    // Rows of before the service was recorded have requests and no word of how they were served.
    addSums(sums, row.sums);
    service = sumService(service, row.service);
  }
  const served = service ? servedBy(service) : sums.requests;
  const { faults = 0, firstByteMs = 0, firstBytes = 0, durationCounts = [], firstByteCounts = [] } = service ?? {};
  const failed = Math.max(0, served - sums.succeeded);
  return {
    requests: served,
    succeeded: sums.succeeded,
    failed,
    faults,
    errorRatePercent: served === 0 ? null : round((100 * failed) / served, 2),
    tokens: totalTokens(sums.parts),
    costMicros: sums.costMicros,
    meanDurationMs: served === 0 ? null : Math.round(sums.durationMs / served),
    p50DurationMs: quantile(durationCounts, 0.5),
    p95DurationMs: quantile(durationCounts, 0.95),
    meanFirstByteMs: firstBytes === 0 ? null : Math.round(firstByteMs / firstBytes),
    p50FirstByteMs: quantile(firstByteCounts, 0.5),
    p95FirstByteMs: quantile(firstByteCounts, 0.95),
  };
}

/** Figures by name, most requests first. */
export function figuresByName(
  rows: Iterable<RollUpRow>,
  nameOf: (row: RollUpRow) => string,
): (SystemFigures & { name: string })[] {
  return [...Map.groupBy(rows, nameOf)]
    .map(([name, group]) => ({ name, ...figuresOf(group) }))
    .filter(({ requests }) => requests > 0)
    .toSorted((left, right) => right.requests - left.requests);
}

/** By how many percent each figure changed; null where there was nothing before, or nothing now. */
export function changesOf(previous: SystemFigures, current: SystemFigures): Record<string, number | null> {
  const names = Object.keys(current) as (keyof SystemFigures)[];
  return Object.fromEntries(names.map((name) => [name, changeOf(previous[name], current[name])]));
}

function changeOf(before: number | null, now: number | null): number | null {
  return before === null || now === null || before === 0 ? null : round((100 * (now - before)) / before, 1);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
