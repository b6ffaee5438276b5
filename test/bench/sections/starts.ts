import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../figures.ts';
import type { Place, Section } from '../report.ts';
import { interleave, samplesOf } from '../rounds.ts';
import { chatBody, type Bench, type StartablePlace, type Target } from '../stage.ts';

interface Start {
  firstAnswerMs: number;
  residentMegabytes: number;
}

/** How long a process has nothing to do before its idle memory is read. */
const IDLE_MS = 1000;

async function measureStart(bench: Bench, start: () => Promise<Target>): Promise<Start> {
  const target = await start();
  try {
    const [sample] = await samplesOf(bench, target, { body: chatBody('whole'), count: 1 });
    const firstAnswerMs = target.gateway.startMs + (sample?.totalMs ?? Number.NaN);
    await pause(IDLE_MS);
    return { firstAnswerMs, residentMegabytes: target.gateway.used().residentBytes / 1e6 };
  } finally {
    await target.gateway.stop();
  }
}

/** Fresh processes: the time from spawn to the end of a first answer, and memory a second after it. */
export async function measureStarts(bench: Bench): Promise<Section> {
  const places = [...bench.targets.keys()].filter((place): place is StartablePlace => place !== 'upstream');
  const found = await interleave(
    bench,
    (_target, place) => measureStart(bench, () => bench.start(place as StartablePlace)),
    places,
  );
  const of = (read: (start: Start) => number): Partial<Record<Place, number>> =>
    Object.fromEntries([...found].map(([place, starts]) => [place, median(starts.map(read))]));
  const answer = of(({ firstAnswerMs }) => firstAnswerMs / 1000);
  const memory = of(({ residentMegabytes }) => residentMegabytes);
  const shared = { resultMeans: '' };
  return {
    rows: [
      {
        ...shared,
        name: 'process start to first answer',
        unit: 's',
        values: answer,
        result: answer.relay ?? Number.NaN,
        target: 0.5,
      },
      {
        ...shared,
        name: 'idle memory after the first answer',
        unit: 'MB',
        values: memory,
        result: memory.relay ?? Number.NaN,
        target: 80,
      },
    ],
  };
}
