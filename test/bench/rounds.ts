import { setTimeout as pause } from 'node:timers/promises';
import { median } from './figures.ts';
import type { Gateway, Job, Sample } from './processes.ts';
import type { Place } from './report.ts';
import { chatBody, type Bench, type Target } from './stage.ts';

export type Work = Pick<Job, 'body' | 'count' | 'connections'>;

/** What was found at each place, one value a round. */
export type Found<Value> = ReadonlyMap<Place, Value[]>;

function jobFor(target: Target, work: Work): Job {
  return { port: target.gateway.port, headers: target.headers, ...work };
}

/** Rounds take turns, so that whatever the machine does meanwhile meets all places. */
export async function interleave<Value>(
  bench: Bench,
  measure: (target: Target, place: Place) => Promise<Value>,
  places: readonly Place[] = [...bench.targets.keys()],
): Promise<Found<Value>> {
  const found = new Map<Place, Value[]>(places.map((place) => [place, []]));
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const place of round % 2 === 0 ? places : places.toReversed()) {
      const target = bench.targets.get(place);
      if (target !== undefined) found.get(place)?.push(await measure(target, place));
    }
  }
  return found;
}

export async function warmUp(bench: Bench): Promise<void> {
  for (const target of bench.targets.values()) {
    await bench.load.run(jobFor(target, { body: chatBody('whole'), count: 1500, connections: 16 }));
    await bench.load.run(jobFor(target, { body: chatBody('stream-200-0'), count: 20, connections: 4 }));
  }
}

const SETTLE_STEP_MS = 150;
const SETTLE_MOST_STEPS = 10;

/** What a gateway does after the last byte is counted with its own round: waits until it has come to rest. */
async function cpuAtRest(gateway: Gateway): Promise<number> {
  let last = gateway.used().cpuMicros;
  for (let step = 0; step < SETTLE_MOST_STEPS; step += 1) {
    await pause(SETTLE_STEP_MS);
    const now = gateway.used().cpuMicros;
    if (now === last) break;
    last = now;
  }
  return last;
}

/** CPU time that the gateway used for this work, microseconds. */
export async function cpuOf(bench: Bench, target: Target, work: Work): Promise<number> {
  const before = await cpuAtRest(target.gateway);
  await bench.load.run(jobFor(target, work));
  return (await cpuAtRest(target.gateway)) - before;
}

/** Samples of one connection at a time. */
export function samplesOf(bench: Bench, target: Target, work: Omit<Work, 'connections'>): Promise<Sample[]> {
  return bench.load.run(jobFor(target, { ...work, connections: 1 }));
}

export function medians(found: Found<number>): Partial<Record<Place, number>> {
  return Object.fromEntries([...found].map(([place, values]) => [place, median(values)]));
}

/** The median of each round's ratio: what was measured at about the same time is compared. */
export function ratio(found: Found<number>, place: Place, against: Place): number | null {
  const others = found.get(against);
  if (others === undefined) return null;
  return median((found.get(place) ?? []).map((value, round) => value / (others[round] ?? Number.NaN)));
}
