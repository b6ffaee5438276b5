import { parseArgs } from 'node:util';
import { removeDirectory, startStack, synthesizeForTests, temporaryDirectory } from '../../support/stack.ts';
import { race } from './race.ts';

/*
 * npm run faults -- --race                two vault functions, in them machines, operators and relays, and a sweep race
 *                                         for one record, 1 000 rounds
 * npm run faults -- --race --rounds N     so many
 */

const { values } = parseArgs({
  options: {
    race: { type: 'boolean' },
    rounds: { type: 'string', default: '1000' },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const assembly = synthesizeForTests();
  const dataDirectory = temporaryDirectory('race');
  const stack = await startStack({ cloudAssembly: assembly.directory, dataDirectory, adapter: 'function-url' });
  try {
    const report = await race(stack, { rounds: Number(values.rounds), say });
    for (const fault of report.faults) say(`✗ ${fault}`);
    const { rounds, askers, grants, outcomes } = report;
    say(`${rounds} rounds, ${askers} askers, ${grants} grants: ${JSON.stringify(outcomes)}`);
    return report.faults.length === 0 && rounds === Number(values.rounds) ? 0 : 1;
  } finally {
    await stack.stop();
    removeDirectory(dataDirectory);
    assembly.remove();
  }
}

process.exitCode = await main();
