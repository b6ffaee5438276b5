import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { REFRESH_BREAKAGES } from '../../faults/refresh/breakages.ts';
import { explore } from '../../faults/refresh/explore.ts';
import { scenariosOf } from '../../faults/refresh/scenarios.ts';

const TIME_LIMIT_MS = 300_000;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

describe('a refresh, in every order in which three refreshers, their faults, the clock and an operator can meet', () => {
  it.each(scenariosOf('short').map((scenario) => [scenario.name, scenario] as const))(
    'keeps every promise: %s',
    (name, scenario) => {
      const found = explore(scenario);
      process.stdout.write(
        `${name}: ${found.worlds} states, ${found.interleavings} interleavings, ${found.ends} ends\n`,
      );
      expect(found.failures).toEqual([]);
      // An exploration that ends at once would prove nothing.
      expect(found.worlds).toBeGreaterThan(1_000);
      expect(found.ends).toBeGreaterThan(100);
    },
    TIME_LIMIT_MS,
  );

  it(
    'loses no order by taking worlds of one future for one',
    () => {
      const [three] = scenariosOf('short');
      const scenario = { ...three!, causes: three!.causes.slice(0, 2) };
      const [plain, named] = [explore(scenario, { plain: true }), explore(scenario)];
      expect(named.interleavings).toBe(plain.interleavings);
      expect(named.worlds).toBeLessThan(plain.worlds);
    },
    TIME_LIMIT_MS,
  );

  it(
    'breaks a promise with each of the lines broken that carry it',
    async () => {
      const { stdout } = await run(process.execPath, ['test/faults/refresh/run.ts', '--break', 'all'], { cwd: ROOT });
      expect(stdout).toContain(`${REFRESH_BREAKAGES.length} lines broken, 0 not noticed`);
    },
    TIME_LIMIT_MS,
  );
});
