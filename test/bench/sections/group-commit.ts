import { ENVIRONMENT } from '../../../layers/aws/names.ts';
import { storeCountersOf, sumUnits } from '../../support/store-counters.ts';
import { median } from '../figures.ts';
import type { Row, Section } from '../report.ts';
import { cpuOf } from '../rounds.ts';
import { chatBody, type Bench, type Target } from '../stage.ts';

const WAYS = ['on', 'off'] as const;
type Way = (typeof WAYS)[number];

interface Cost {
  cpuMicros: number;
  writeUnits: number;
  /** Calls of the table service. */
  calls: number;
}

const COUNT = 1000;
const AT_ONCE = [16, 64] as const;

/** All requests are of one ledger account, which is where writes can go together. */
async function costOf(bench: Bench, target: Target, connections: number): Promise<Cost> {
  const counters = storeCountersOf(bench.stack.dataDirectory);
  await counters.reset();
  const cpu = await cpuOf(bench, target, { body: chatBody('whole'), count: COUNT, connections });
  const { calls, writeUnits } = sumUnits(await counters.read());
  return { cpuMicros: cpu / COUNT, writeUnits: writeUnits / COUNT, calls: calls / COUNT };
}

export async function measureGroupCommit(bench: Bench): Promise<Section> {
  const targets = new Map<Way, Target>();
  try {
    for (const way of WAYS) {
      const target = await bench.startRelay({ [ENVIRONMENT.groupCommit]: way });
      targets.set(way, target);
      await costOf(bench, target, AT_ONCE[0]);
    }
    const rows: Row[] = [];
    const details: Record<string, unknown> = {};
    for (const connections of AT_ONCE) {
      const found = await inTurn(bench, targets, connections);
      details[connections] = found;
      rows.push(...rowsOf(found, connections));
    }
    return { rows, details, notes: ['Group commit is of the plain Node adapter; the column “relay” has it on.'] };
  } finally {
    for (const { gateway } of targets.values()) await gateway.stop();
  }
}

async function inTurn(
  bench: Bench,
  targets: ReadonlyMap<Way, Target>,
  connections: number,
): Promise<Record<Way, Cost[]>> {
  const found: Record<Way, Cost[]> = { on: [], off: [] };
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
      const target = targets.get(way);
      if (target !== undefined) found[way].push(await costOf(bench, target, connections));
    }
  }
  return found;
}

function rowsOf(found: Record<Way, Cost[]>, connections: number): Row[] {
  const row = (name: string, unit: string, read: (cost: Cost) => number): Row => {
    const off = median(found.off.map(read));
    return {
      name: `group commit, ${connections} at once: ${name}`,
      unit,
      values: { relay: median(found.on.map(read)) },
      result: median(found.on.map((cost, round) => read(cost) / read(found.off[round] as Cost))),
      resultMeans: `× without (${off.toFixed(unit === 'µs' ? 0 : 2)})`,
      target: null,
    };
  };
  return [
    row('CPU per request', 'µs', ({ cpuMicros }) => cpuMicros),
    row('write units per request', 'units', ({ writeUnits }) => writeUnits),
    row('calls of the store per request', 'calls', ({ calls }) => calls),
  ];
}
