import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Json, JsonObject } from './json.ts';
import { isObject } from './json.ts';
import { errorCode, StartError } from './start-error.ts';

/** Everything that the local stack keeps between two starts, in one directory that only its owner may read. */
export interface DataDirectory {
  readonly path: string;
  /** A path inside the directory. */
  file(...names: string[]): string;
  /** A JSON file of the directory, or undefined when it is not there. */
  read(name: string): JsonObject | undefined;
  /** Replaces a JSON file at once: a reader sees the old or the new one. */
  write(name: string, value: Json): void;
  remove(name: string): void;
  /** Lets another runner have the directory. */
  release(): void;
}

const OWN_NAMES = [
  'ready.json',
  'state.json',
  'secrets.json',
  'version.json',
  'store',
  's3',
  'outbox',
  'run',
  'logs',
  'function-host.mjs',
];
const LOCK = 'lock';

/**
 * Creates or opens the directory and locks it for this process.
 * @throws StartError when another runner has it, or when it holds something else than our data.
 */
export function openDataDirectory(options: { path: string; reset: boolean }): DataDirectory {
  const { path } = options;
  process.umask(0o077);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  refuseForeign(path);
  chmodSync(path, 0o700);
  const release = lock(path);
  if (options.reset) for (const name of OWN_NAMES) rmSync(join(path, name), { recursive: true, force: true });
  rmSync(join(path, 'ready.json'), { force: true });
  for (const name of ['run', 'logs', 'store', 's3', 'outbox'])
    mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
  return {
    path,
    file: (...names) => join(path, ...names),
    read: (name) => readJsonObject(join(path, name)),
    write: (name, value) => writeWhole(join(path, name), value),
    remove: (name) => rmSync(join(path, name), { force: true }),
    release,
  };
}

/** --reset removes files by name; a directory that we did not make must not be where it does so. */
function refuseForeign(path: string): void {
  const foreign = readdirSync(path).filter((name) => !OWN_NAMES.includes(name) && !name.startsWith(LOCK));
  if (foreign.length === 0 || existsSync(join(path, LOCK))) return;
  throw new StartError(`${path} holds other files (${foreign[0]}); give --data an empty or a new directory.`);
}

/** The lock is a file lock held by SQLite, so it ends with this process however that ends. */
function lock(path: string): () => void {
  const database = new DatabaseSync(join(path, LOCK));
  try {
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    database.close();
    if (errorCode(error) !== 'ERR_SQLITE_ERROR') throw error;
    throw new StartError(`Another \`npm start\` is running on ${path}. Stop it, or give this one its own --data DIR.`);
  }
  return () => {
    if (database.isOpen) database.close();
  };
}

function readJsonObject(path: string): JsonObject | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Json;
    if (isObject(value)) return value;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new StartError(`${path} cannot be read as JSON. Start with --reset to begin anew.`);
  }
  throw new StartError(`${path} does not hold a JSON object. Start with --reset to begin anew.`);
}

function writeWhole(path: string, value: Json): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
