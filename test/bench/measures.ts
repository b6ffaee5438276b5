import { setTimeout as pause } from 'node:timers/promises';
import { median, readServerTiming } from './figures.ts';
import type { Gateway, Job, Load, Sample } from './processes.ts';
import type { Row } from './report.ts';

/** Where load can go: the upstream itself, the bare pass-through, the relay. */
export interface Target {
  gateway: Gateway;
  headers: Record<string, string>;
}

export interface Bench {
  load: Load;
  direct: Target;
  bare: Target;
  relay: Target;
  rounds: number;
}

type Place = 'direct' | 'bare' | 'relay';
const PLACES: readonly Place[] = ['direct', 'bare', 'relay'];

/** Time for what a gateway does after the last byte, so that it is counted with its own round. */
const SETTLE_MS = 150;

export function chatBody(model: string): string {
  const messages = [
    { role: 'system', content: 'You are a terse assistant that answers in one sentence.' },
    { role: 'user', content: 'Describe the river near the old bridge in the early morning of a winter day.' },
  ];
  return JSON.stringify({
    model,
    messages,
    temperature: 0.2,
    ...(model.startsWith('stream-') ? { stream: true } : {}),
  });
}

function jobFor(target: Target, work: Pick<Job, 'body' | 'count' | 'connections'>): Job {
  return { port: target.gateway.port, headers: target.headers, ...work };
}

/** Rounds take turns, so that whatever the machine does meanwhile meets all of them. */
async function interleave(bench: Bench, measure: (target: Target, place: Place) => Promise<void>): Promise<void> {
  for (let round = 0; round < bench.rounds; round += 1) {
    const order = round % 2 === 0 ? PLACES : PLACES.toReversed();
    for (const place of order) await measure(bench[place], place);
  }
}

async function cpuOf(bench: Bench, target: Target, job: Pick<Job, 'body' | 'count' | 'connections'>): Promise<number> {
  const before = await target.gateway.used();
  await bench.load.run(jobFor(target, job));
  await pause(SETTLE_MS);
  const after = await target.gateway.used();
  return after.cpuMicros - before.cpuMicros;
}

async function cpuRounds(
  bench: Bench,
  job: Pick<Job, 'body' | 'count' | 'connections'>,
  unitsPerRequest: number,
): Promise<{ bare: number; relay: number; ratio: number }> {
  const found: Record<Place, number[]> = { direct: [], bare: [], relay: [] };
  await interleave(bench, async (target, place) => {
    if (place === 'direct') return;
    found[place].push((await cpuOf(bench, target, job)) / (job.count * unitsPerRequest));
  });
  const ratios = found.relay.map((value, round) => value / (found.bare[round] ?? Number.NaN));
  return { bare: median(found.bare), relay: median(found.relay), ratio: median(ratios) };
}

export async function warmUp(bench: Bench): Promise<void> {
  for (const place of PLACES) {
    await bench.load.run(jobFor(bench[place], { body: chatBody('whole'), count: 1500, connections: 16 }));
    await bench.load.run(jobFor(bench[place], { body: chatBody('stream-200-0'), count: 20, connections: 4 }));
  }
}

export async function measureRequestCpu(bench: Bench): Promise<Row> {
  const { bare, relay, ratio } = await cpuRounds(bench, { body: chatBody('whole'), count: 600, connections: 16 }, 1);
  const facts = { name: 'CPU per request, whole answer', unit: 'µs', direct: null, bare, relay };
  return { ...facts, result: ratio, resultMeans: '× bare', target: 2.2 };
}

export async function measureChunkCpu(bench: Bench): Promise<Row> {
  const chunks = 1000;
  const job = { body: chatBody(`stream-${chunks}-0`), count: 16, connections: 4 };
  const { bare, relay, ratio } = await cpuRounds(bench, job, chunks);
  const facts = { name: 'CPU per streamed chunk, full speed', unit: 'µs', direct: null, bare, relay };
  return { ...facts, result: ratio, resultMeans: '× bare', target: 1.3 };
}

function mediansOf(samples: readonly Sample[], read: (sample: Sample) => number): number {
  return median(samples.map(read));
}

async function latencies(bench: Bench, body: string, count: number): Promise<Record<Place, Sample[]>> {
  const found: Record<Place, Sample[]> = { direct: [], bare: [], relay: [] };
  await interleave(bench, async (target, place) => {
    found[place].push(...(await bench.load.run(jobFor(target, { body, count, connections: 1 }))));
  });
  return found;
}

/** The names of server-timing behind which the relay waits for its store. */
const STORE_ENTRIES = ['auth', 'route', 'admit'];

export async function measureLatency(bench: Bench): Promise<{ rows: Row[]; serverTiming: Record<string, number> }> {
  const found = await latencies(bench, chatBody('whole'), 100);
  const timings = found.relay.map((sample) => readServerTiming(sample.timing));
  const names = [...new Set(timings.flatMap((timing) => Object.keys(timing)))];
  const serverTiming = Object.fromEntries(
    names.map((name) => [name, median(timings.map((timing) => timing[name] ?? 0))]),
  );
  const head = (place: Place): number => mediansOf(found[place], (sample) => sample.headMs);
  const whole = (place: Place): number => mediansOf(found[place], (sample) => sample.totalMs);
  const own = median(
    found.relay.map((sample, index) => {
      const waited = STORE_ENTRIES.reduce((sum, name) => sum + (timings[index]?.[name] ?? 0), 0);
      return sample.headMs - waited;
    }),
  );
  const facts = { unit: 'ms', direct: head('direct'), bare: head('bare') };
  const rows: Row[] = [
    {
      ...facts,
      name: `latency to the head, one connection, without ${STORE_ENTRIES.join(', ')}`,
      relay: own,
      result: own - head('direct'),
      resultMeans: 'ms added',
      target: 1,
    },
    {
      ...facts,
      name: 'latency to the head, one connection, with the store',
      relay: head('relay'),
      result: head('relay') - head('direct'),
      resultMeans: 'ms added',
      target: null,
    },
    {
      name: 'latency to the end, one connection, with the store',
      unit: 'ms',
      direct: whole('direct'),
      bare: whole('bare'),
      relay: whole('relay'),
      result: whole('relay') - whole('direct'),
      resultMeans: 'ms added',
      target: null,
    },
  ];
  return { rows, serverTiming };
}

export async function measureFirstByte(bench: Bench): Promise<Row> {
  const found = await latencies(bench, chatBody('stream-5-10'), 20);
  const first = (place: Place): number => mediansOf(found[place], (sample) => sample.firstByteMs);
  const facts = { unit: 'ms', direct: first('direct'), bare: first('bare'), relay: first('relay') };
  const name = 'first streamed byte, chunks 10 ms apart';
  return { ...facts, name, result: first('relay') - first('direct'), resultMeans: 'ms added', target: 6 };
}

interface Start {
  listeningMs: number;
  firstAnswerMs: number;
  residentMegabytes: number;
}

async function measureStart(
  load: Load,
  start: () => Promise<Gateway>,
  headers: Record<string, string>,
): Promise<Start> {
  const startedAt = performance.now();
  const gateway = await start();
  try {
    await load.run({ port: gateway.port, headers, body: chatBody('whole'), count: 1, connections: 1 });
    const firstAnswerMs = performance.now() - startedAt;
    await pause(1000);
    const { residentBytes } = await gateway.used();
    return { listeningMs: gateway.startMs, firstAnswerMs, residentMegabytes: residentBytes / 1e6 };
  } finally {
    await gateway.stop();
  }
}

/** Fresh processes: memory one second after the first answer, and the time from spawn to that answer. */
export async function measureStarts(
  bench: Bench,
  start: { bare: () => Promise<Gateway>; relay: () => Promise<Gateway> },
): Promise<Row[]> {
  const found: Record<'bare' | 'relay', Start[]> = { bare: [], relay: [] };
  for (let round = 0; round < bench.rounds; round += 1) {
    found.bare.push(await measureStart(bench.load, start.bare, bench.bare.headers));
    found.relay.push(await measureStart(bench.load, start.relay, bench.relay.headers));
  }
  const of = (place: 'bare' | 'relay', read: (start: Start) => number): number => median(found[place].map(read));
  const memory = (facts: Start): number => facts.residentMegabytes;
  const answer = (facts: Start): number => facts.firstAnswerMs / 1000;
  const shared = { direct: null, resultMeans: '' };
  return [
    {
      ...shared,
      name: 'idle memory after the first answer',
      unit: 'MB',
      bare: of('bare', memory),
      relay: of('relay', memory),
      result: of('relay', memory),
      target: 80,
    },
    {
      ...shared,
      name: 'process start to first answer',
      unit: 's',
      bare: of('bare', answer),
      relay: of('relay', answer),
      result: of('relay', answer),
      target: 0.5,
    },
  ];
}
