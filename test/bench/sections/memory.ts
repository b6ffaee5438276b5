import { setTimeout as pause } from 'node:timers/promises';
import { fitLine, type Line } from '../figures.ts';
import type { LiveMemory, OwnGateway } from '../processes.ts';
import type { Row, Section } from '../report.ts';
import { chatBody, type Bench, type Model } from '../stage.ts';

export interface MemoryWork {
  requests: number;
  streams: number;
}

export const FULL_MEMORY_WORK: MemoryWork = { requests: 200_000, streams: 20_000 };

/** Rounds of the same work, memory read after each. */
const SAMPLES = 40;
/** The first rounds fill caches and let code be compiled; the line is drawn from behind them. */
const WARM_UP_SAMPLES = 8;
const STREAM: Model = 'stream-30-0';
/** Every second client of a stream leaves in its middle. */
const ABORT_EVERY = 2;
/** Requests that clients left behind have been aborted upstream and settled by then. */
const REST_MS = 1500;

interface Point extends LiveMemory {
  requests: number;
}

/**
 * What may stay per request, bytes: one object or map entry that is kept for every request is ten times as much. The
 * resident set moves by whole pages and by the allocator's mood.
 */
const HEAP_TARGET = 5;
const RESIDENT_TARGET = 50;

export async function measureMemory(bench: Bench, work: MemoryWork): Promise<Section> {
  const { gateway, headers } = await bench.startRelay({}, ['--expose-gc']);
  try {
    const points = await samplesUnder(bench, { gateway, headers, work });
    const behindWarmUp = points.slice(WARM_UP_SAMPLES);
    const rowOf = (name: string, read: (point: Point) => number, target: number): Row => {
      const line = fitLine(behindWarmUp.map((point) => ({ x: point.requests, y: read(point) })));
      return slopeRow(name, line, { last: read(points.at(-1) as Point), target });
    };
    const { requests, streams } = work;
    return {
      rows: [
        rowOf('heap and buffers in use', ({ heapUsed, external }) => heapUsed + external, HEAP_TARGET),
        rowOf('resident memory', ({ rss }) => rss, RESIDENT_TARGET),
      ],
      notes: [
        `Memory of the relay behind full garbage collections over ${requests} requests and ${streams} streams, every ` +
          `second one left by its client: ${SAMPLES} samples, the line drawn from the ${WARM_UP_SAMPLES + 1}th on.`,
      ],
      details: points,
    };
  } finally {
    await gateway.stop();
  }
}

function slopeRow(name: string, line: Line, { last, target }: { last: number; target: number }): Row {
  // Bytes per request are kB per 1000 of them.
  const { slope, error } = line;
  return {
    name: `${name}, growth per 1000 requests (MB in the end: ${(last / 1e6).toFixed(1)})`,
    unit: 'kB',
    values: { relay: slope },
    result: slope,
    resultMeans: `± ${error.toFixed(2)}`,
    target,
  };
}

async function samplesUnder(
  bench: Bench,
  { gateway, headers, work }: { gateway: OwnGateway; headers: Record<string, string>; work: MemoryWork },
): Promise<Point[]> {
  const points: Point[] = [];
  const wholes = Math.ceil(work.requests / SAMPLES);
  const streams = Math.ceil(work.streams / SAMPLES);
  // A machine that is busy with something else makes a store late now and then, for all that wait for it at once.
  const shared = { port: gateway.port, headers, tolerated: Math.ceil(wholes / 10) };
  for (let sample = 1; sample <= SAMPLES; sample += 1) {
    await bench.load.run({ ...shared, body: chatBody('whole'), count: wholes, connections: 32 });
    const job = { ...shared, body: chatBody(STREAM), count: streams, connections: 16, abortEvery: ABORT_EVERY };
    await bench.load.run(job);
    await pause(REST_MS);
    const point = { requests: sample * (wholes + streams), ...(await gateway.liveMemory()) };
    points.push(point);
    console.error(
      `memory ${sample}/${SAMPLES}: ${point.requests} requests, heap ${(point.heapUsed / 1e6).toFixed(2)} MB, ` +
        `external ${(point.external / 1e6).toFixed(2)} MB, resident ${(point.rss / 1e6).toFixed(1)} MB`,
    );
  }
  return points;
}
