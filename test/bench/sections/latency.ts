import { median, readServerTiming } from '../figures.ts';
import type { Sample } from '../processes.ts';
import type { Place, Row, Section } from '../report.ts';
import { interleave, samplesOf } from '../rounds.ts';
import { chatBody, type Bench, type Model } from '../stage.ts';

/** The names of server-timing behind which the relay waits for its store. */
const STORE_ENTRIES = ['auth', 'route', 'admit'];

async function collect(bench: Bench, model: Model, count: number): Promise<ReadonlyMap<Place, Sample[]>> {
  const rounds = await interleave(bench, (target) => samplesOf(bench, target, { body: chatBody(model), count }));
  return new Map([...rounds].map(([place, samples]) => [place, samples.flat()]));
}

function mediansOf(
  samples: ReadonlyMap<Place, Sample[]>,
  read: (sample: Sample) => number,
): Partial<Record<Place, number>> {
  return Object.fromEntries([...samples].map(([place, all]) => [place, median(all.map(read))]));
}

function addedBy(values: Partial<Record<Place, number>>): Pick<Row, 'result' | 'resultMeans'> {
  return { result: (values.relay ?? Number.NaN) - (values.upstream ?? Number.NaN), resultMeans: 'ms added' };
}

export async function measureLatency(bench: Bench): Promise<Section> {
  const samples = await collect(bench, 'whole', 100);
  const ofRelay = samples.get('relay') ?? [];
  const timings = ofRelay.map((sample) => readServerTiming(sample.timing));
  const names = [...new Set(timings.flatMap((timing) => Object.keys(timing)))];
  const timing = Object.fromEntries(names.map((name) => [name, median(timings.map((one) => one[name] ?? 0))]));
  const head = mediansOf(samples, (sample) => sample.headMs);
  const whole = mediansOf(samples, (sample) => sample.totalMs);
  const waits = timings.map((one) => STORE_ENTRIES.reduce((sum, name) => sum + (one[name] ?? 0), 0));
  const own = { ...head, relay: median(ofRelay.map((sample, index) => sample.headMs - (waits[index] ?? 0))) };
  const shared = { unit: 'ms' };
  return {
    rows: [
      { ...shared, name: 'to the head, one connection, our own part', values: own, ...addedBy(own), target: 1 },
      {
        ...shared,
        name: `round trips to the store (${STORE_ENTRIES.join(', ')})`,
        values: { relay: median(waits) },
        result: median(waits),
        resultMeans: 'ms waited',
        target: null,
      },
      { ...shared, name: 'to the head, the store included', values: head, ...addedBy(head), target: null },
      { ...shared, name: 'to the end, the store included', values: whole, ...addedBy(whole), target: null },
    ],
    notes: [
      `The relay’s server-timing with one connection, medians: ${Object.entries(timing)
        .map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
        .join(', ')}. The store is the local stack’s embedded one, in a process of its own.`,
    ],
    details: { serverTiming: timing },
  };
}

export async function measurePaced(bench: Bench): Promise<Section> {
  const first = mediansOf(await collect(bench, 'stream-5-10', 20), (sample) => sample.firstByteMs);
  const name = 'first streamed byte, chunks 10 ms apart';
  return { rows: [{ name, unit: 'ms', values: first, ...addedBy(first), target: 6 }] };
}
