import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDataDirectory } from '../local/data-directory.ts';
import { readArchive } from './data-archive.ts';

/*
 * npm run restore -- FILE.tar.gz [--data .sluice] [--force]
 *
 * Puts an archived data folder in its place. A folder with something in it is replaced only with --force, and only
 * once the archive was read to its end; while a stack runs on it, never.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string', default: '.sluice' }, force: { type: 'boolean', default: false } },
});
const folder = path.resolve(values.data);

try {
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) {
    throw new Error('usage: npm run restore -- FILE.tar.gz [--data .sluice] [--force]');
  }
  await restore(path.resolve(file));
} catch (error) {
  process.stderr.write(`restore: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

async function restore(file: string): Promise<void> {
  if (!existsSync(file)) throw new Error(`${file} is not there.`);
  const isTaken = existsSync(folder) && readdirSync(folder).length > 0;
  if (isTaken && !values.force) throw new Error(`${folder} holds something; --force replaces it.`);
  // Opening it refuses what is no data folder, and what a stack runs on.
  const directory = isTaken ? openDataDirectory({ path: folder, reset: false }) : undefined;
  const unpacked = `${folder}.restoring-${process.pid}`;
  const replaced = `${folder}.replaced-${process.pid}`;
  try {
    const { checked } = await readArchive(file, unpacked);
    if (existsSync(folder)) renameSync(folder, replaced);
    renameSync(unpacked, folder);
    const proof = checked ? 'its digest is right' : 'no digest stood beside it';
    process.stdout.write(`${folder} is as in ${path.basename(file)} (${proof}).\n`);
  } finally {
    directory?.release();
    rmSync(unpacked, { recursive: true, force: true });
  }
  rmSync(replaced, { recursive: true, force: true });
}
