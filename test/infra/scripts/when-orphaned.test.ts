import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const MODULE = pathToFileURL(join(import.meta.dirname, '../../../infra/scripts/when-orphaned.mjs')).href;
const PROGRAM = `
  import { whenOrphaned } from '${MODULE}';
  console.log('up');
  whenOrphaned(() => { console.log('orphaned'); process.exit(0); });`;

test('what is left behind by the shell that started it is told so, and not before', async () => {
  // A command behind it keeps the shell from becoming the program.
  const shell = spawn('sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  shell.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const closed = once(shell.stdout, 'close');
  while (!said.includes('up')) await once(shell.stdout, 'data');
  await pause(1_200);
  expect(said).toBe('up\n');
  shell.kill('SIGKILL');
  await closed;
  expect(said).toBe('up\norphaned\n');
});
