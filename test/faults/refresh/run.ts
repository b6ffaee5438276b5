import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { proveRefresh } from './prove.ts';
import { scenariosOf } from './scenarios.ts';

/*
 * npm run faults -- --refresh                every interleaving of the long scenarios
 * npm run faults -- --refresh --short        of the short ones, as `npm test` does
 * npm run faults -- --refresh --break NAME   one line of the refresh broken (or `all`): its promise must be seen to break
 */

const { values } = parseArgs({
  options: { refresh: { type: 'boolean' }, short: { type: 'boolean' }, break: { type: 'string' } },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function exploreAll(): number {
  let failures = 0;
  const sums = { worlds: 0, interleavings: 0n };
  for (const scenario of scenariosOf(values.short ? 'short' : 'long')) {
    const found = explore(scenario);
    say(`${found.scenario}: ${found.worlds} states, ${found.interleavings} interleavings, ${found.ends} ends`);
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
