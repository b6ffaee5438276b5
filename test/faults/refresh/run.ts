import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { proveRefresh } from './prove.ts';
import { scenariosOf, type Scenario } from './scenarios.ts';

/*
 * npm run faults -- --refresh                every interleaving of the long scenarios
 * npm run faults -- --refresh --short        of the short ones, as `npm test` does
 * npm run faults -- --refresh --break NAME   one line of the refresh broken (or `all`): its promise must be seen to break
 */

const { values } = parseArgs({
  options: {
    refresh: { type: 'boolean' },
    short: { type: 'boolean' },
    plain: { type: 'boolean' },
    scenario: { type: 'string' },
    break: { type: 'string' },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function exploreAll(): number {
  let failures = 0;
  const sums = { worlds: 0, interleavings: 0 };
  const isAsked = ({ name }: Scenario): boolean => values.scenario === undefined || name.includes(values.scenario);
  for (const scenario of scenariosOf(values.short ? 'short' : 'long').filter(isAsked)) {
    const began = Date.now();
    const found = explore(scenario, { plain: values.plain ?? false });
    const seconds = Math.round((Date.now() - began) / 1000);
    say(
      `${found.scenario}: ${found.worlds} states, ${found.interleavings} interleavings, ${found.ends} ends, ${seconds} s`,
    );
    for (const { promise, path } of found.failures)
      say([`  ✗ ${promise}`, ...path.map((move) => `      ${move}`)].join('\n'));
    failures += found.failures.length;
    sums.worlds += found.worlds;
    sums.interleavings += found.interleavings;
  }
  say(`${sums.worlds} states, ${sums.interleavings} interleavings, ${failures} broken promises`);
  return failures;
}

const bad =
  values.break === undefined ? exploreAll() : await proveRefresh(values.break === 'all' ? [] : [values.break], say);
process.exitCode = bad === 0 ? 0 : 1;
