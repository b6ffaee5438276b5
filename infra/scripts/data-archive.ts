import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create, extract, type ReadEntry } from 'tar';

/*
 * The archive of a data folder of the local stack: a tar.gz of everything that the stack keeps between two starts,
 * secrets included. Beside it stands its digest, as `sha256sum --check` reads it.
 */

/** What the stack keeps. The rest of the folder is of the run: code, logs, the lock, where it answers. */
const KEPT = ['version.json', 'state.json', 'secrets.json', 'store', 's3', 'outbox'];
/** Without these it is no data folder. */
const NEEDED = ['version.json', 'secrets.json', 'store'];

/** Writes the archive of a folder that nobody uses meanwhile; a file of that name is replaced when it is whole. */
export async function writeArchive(folder: string, file: string): Promise<{ sha256: string }> {
  const kept = KEPT.filter((name) => existsSync(path.join(folder, name)));
  const unfinished = `${file}.part`;
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    writeFileSync(unfinished, '', { mode: 0o600 });
    await create({ cwd: folder, gzip: true, file: unfinished, portable: true, strict: true }, kept);
    const sha256 = await digestOf(unfinished);
    renameSync(unfinished, file);
    writeFileSync(digestFileOf(file), `${sha256}  ${path.basename(file)}\n`, { mode: 0o600 });
    return { sha256 };
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/**
 * Unpacks an archive into a new folder.
 * @throws Error when the archive is not the one that its digest is of, is not whole, or holds what is none of ours
 */
export async function readArchive(file: string, folder: string): Promise<{ checked: boolean }> {
  const checked = await checkDigest(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let foreign: string | undefined;
  await extract({
    file,
    cwd: folder,
    strict: true,
    preserveOwner: false,
    filter: (name, entry) => {
      const isOurs = KEPT.includes(name.split('/')[0] ?? '') && isPlain(entry as ReadEntry);
      foreign ??= isOurs ? undefined : name;
      return isOurs;
    },
    onReadEntry: (entry) => void (entry.mode = entry.type === 'Directory' ? 0o700 : 0o600),
  });
  if (foreign !== undefined) throw new Error(`${file} holds ${foreign}, which no archive of a data folder does.`);
  const missing = NEEDED.find((name) => !existsSync(path.join(folder, name)));
  if (missing !== undefined) throw new Error(`${file} lacks ${missing}: it is no archive of a data folder.`);
  chmodSync(folder, 0o700);
  return { checked };
}

function isPlain({ type }: ReadEntry): boolean {
  return type === 'File' || type === 'OldFile' || type === 'Directory';
}

/** False when no digest stands beside the archive. */
async function checkDigest(file: string): Promise<boolean> {
  const digestFile = digestFileOf(file);
  if (!existsSync(digestFile)) return false;
  const [expected] = readFileSync(digestFile, 'utf8').split(/\s/);
  if ((await digestOf(file)) === expected) return true;
  throw new Error(`${file} is not what was written: its digest is not the one in ${digestFile}.`);
}

function digestFileOf(file: string): string {
  return `${file}.sha256`;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
