/**
 * `npm run conformance -- ric`: the functions under AWS's own runtime client (aws-lambda-ric, installed at the first
 * run; that compiles, so cmake, make and g++ have to be there).
 */
import { runUnderRuntimeClient } from './ric.ts';

const PARTS: Readonly<Record<string, (say: (line: string) => void) => Promise<number>>> = {
  ric: runUnderRuntimeClient,
};

const [name = ''] = process.argv.slice(2);
const part = PARTS[name];
if (part === undefined) throw new Error(`npm run conformance -- ${Object.keys(PARTS).join('|')}, and not "${name}".`);
const failures = await part((line) => void process.stdout.write(`${line}\n`));
process.stdout.write(
  failures === 0 ? `${name}: everything holds.\n` : `${name}: ${failures} guarantees do not hold.\n`,
);
process.exitCode = failures === 0 ? 0 : 1;
