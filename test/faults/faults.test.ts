import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { BREAKAGES } from './breakages.ts';
import { listSingleFaults, orderOf, playFaults, playSeed } from './campaigns.ts';
import { plannedFaults } from './faults.ts';
import { createRandom, pick } from './random.ts';
import { runOne } from './run-one.ts';
import { SCENARIOS } from './scenarios.ts';

/** Enough to notice a broken line soon; `npm run faults` plays thousands. */
const SEEDS = 25;
const SINGLES_A_SCENARIO = 3;
const TIME_LIMIT_MS = 300_000;
const run = promisify(execFile);

describe('the relay, its ledger and the sweep, with faults at their awaits', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    'keep every promise without a fault and with single ones: %s',
    async (_, scenario) => {
      const calm = await runOne(scenario, { plan: plannedFaults(new Map()), choose: orderOf(0) });
      expect(calm.broken).toEqual([]);
      const singles = await listSingleFaults(scenario, 0);
      const random = createRandom(scenario.name.length);
      for (let count = 0; count < SINGLES_A_SCENARIO; count += 1) {
        const { index, fault } = pick(random, singles);
        const played = await playFaults(scenario, { faults: new Map([[index, fault]]), order: 0 });
        expect({ again: played.replay, broken: played.broken }).toEqual({ again: played.replay, broken: [] });
      }
    },
    TIME_LIMIT_MS,
  );

  it(
    'keep every promise in random orders with several faults',
    async () => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const played = await playSeed(seed);
        expect({ again: played.replay, broken: played.broken }).toEqual({ again: played.replay, broken: [] });
      }
    },
    TIME_LIMIT_MS,
  );

  it(
    'and each line of the algorithm that is broken on purpose is noticed by its promise',
    async () => {
      // In a process of its own: there the sources run as they are, so that single lines of them can be replaced.
      const { stdout } = await run(process.execPath, [
        fileURLToPath(new URL('run.ts', import.meta.url)),
        '--break',
        'all',
      ]);
      expect(stdout).toContain(`${BREAKAGES.length} lines broken, 0 not noticed`);
    },
    TIME_LIMIT_MS,
  );
});
