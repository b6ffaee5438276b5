import type { Row, Section } from '../report.ts';
import { cpuOf, interleave, medians, ratio, type Found, type Work } from '../rounds.ts';
import { chatBody, type Bench } from '../stage.ts';

const PLACES = ['bare', 'portkey', 'relay'] as const;

function rowsOf(found: Found<number>, name: string, targets: { bare: number; portkey: number | null }): Row[] {
  const facts = { name, unit: 'µs', values: medians(found) };
  const against = (place: 'bare' | 'portkey', means: string, target: number | null): Row[] => {
    const result = ratio(found, 'relay', place);
    return result === null ? [] : [{ ...facts, result, resultMeans: `× ${means}`, target }];
  };
  return [...against('bare', 'bare', targets.bare), ...against('portkey', 'Portkey', targets.portkey)];
}

function measureCpu(bench: Bench, work: Work, unitsPerRequest: number): Promise<Found<number>> {
  const units = work.count * unitsPerRequest;
  return interleave(bench, async (target) => (await cpuOf(bench, target, work)) / units, PLACES);
}

export async function measureChat(bench: Bench): Promise<Section> {
  const found = await measureCpu(bench, { body: chatBody('whole'), count: 3000, connections: 16 }, 1);
  return {
    rows: rowsOf(found, 'CPU per request, whole answer, 16 at once', { bare: 2.2, portkey: 0.5 }),
    notes: [
      'CPU is user and system time as the operating system counts it for the gateway’s process and its children. The ' +
        'relay authenticates, admits under every kind of key limit, holds, writes and closes a usage event and settles ' +
        'its ledger account; bare and Portkey do none of that.',
    ],
    details: Object.fromEntries(found),
  };
}

export async function measureStream(bench: Bench): Promise<Section> {
  const chunks = 1000;
  const work = { body: chatBody(`stream-${chunks}-0`), count: 24, connections: 4 };
  const found = await measureCpu(bench, work, chunks);
  return {
    rows: rowsOf(found, 'CPU per streamed chunk, full speed', { bare: 1.3, portkey: null }),
    details: Object.fromEntries(found),
  };
}
