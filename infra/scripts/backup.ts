import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDataDirectory } from '../local/data-directory.ts';
import { writeArchive } from './data-archive.ts';

/*
 * npm run backup [-- --data .sluice] [--out FILE.tar.gz]
 *
 * Archives the data folder of a stack that is not running: while it runs, the folder changes under the reader, so it is
 * refused. The archive holds the stack's secrets; its file is for its owner only.
 */

const { values } = parseArgs({ options: { data: { type: 'string', default: '.sluice' }, out: { type: 'string' } } });
const folder = path.resolve(values.data);
const file = path.resolve(values.out ?? `sluice-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.tar.gz`);

try {
  if (!existsSync(path.join(folder, 'version.json'))) throw new Error(`${folder} is no data folder of a stack.`);
  if (!path.relative(folder, file).startsWith('..')) throw new Error('The archive cannot stand in what it is of.');
  // The lock keeps a start out for as long as this takes.
  const directory = openDataDirectory({ path: folder, reset: false });
  try {
    const { sha256 } = await writeArchive(folder, file);
    process.stdout.write(`${file}\nsha256 ${sha256}\nIt holds secrets: keep it as you keep them.\n`);
  } finally {
    directory.release();
  }
} catch (error) {
  process.stderr.write(`backup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
