import { describe, expect, it } from '@jest/globals';
import { BREAKAGES } from './breakages.ts';
import { listSingleFaults, orderOf, playFaults, playSeed } from './campaigns.ts';
import { plannedFaults } from './faults.ts';
import { createRandom, pick } from './random.ts';
import { runOne } from './run-one.ts';
import { SCENARIOS } from './scenarios.ts';

/** Enough to notice a broken line soon; `npm run faults` plays thousands. */
const SEEDS = 50;
const SINGLES_A_SCENARIO = 10;
const TIME_LIMIT_MS = 180_000;

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

  it.each(['no-room-asked', 'fly-stays', 'no-settlement'])(
    'and a line broken on purpose is noticed: %s',
    async (name) => {
      const breakage = BREAKAGES.find((one) => one.name === name)!;
      const scenario = SCENARIOS.find((one) => one.name === breakage.scenario)!;
      const played = await playFaults(scenario, { faults: new Map(), order: 0, breakage });
      expect(played.broken.some((promise) => promise.startsWith(`${breakage.breaks}:`))).toBe(true);
    },
    TIME_LIMIT_MS,
  );
});
