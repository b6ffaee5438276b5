import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * No log of any process may hold a secret or a prompt. What the tests of a run use of both is written down here by the
 * helpers that make it up; the logs of every stack are kept when it stops, and looked through when the run ends.
 */

const RECORDS_VARIABLE = 'SLUICE_TEST_LOG_SECRETS';
const WORDS_FILE = 'words.jsonl';
/** Shorter ones occur by chance. */
const SHORTEST = 8;
/** Of a long prompt a piece will do. */
const LONGEST = 120;

/** From now on words and logs of this run, and of its workers, are kept. */
export function recordLogSecrets(): void {
  process.env[RECORDS_VARIABLE] ??= mkdtempSync(join(tmpdir(), 'sluice-log-secrets-'));
}

/** @param what names the word in a complaint, since the word itself is not to be told */
export function keepOutOfLogs(what: string, word: string): void {
  const directory = process.env[RECORDS_VARIABLE];
  if (directory === undefined || word.length < SHORTEST) return;
  appendFileSync(join(directory, WORDS_FILE), `${JSON.stringify([what, word.slice(0, LONGEST)])}\n`);
}

/** Members that hold secrets, wherever they stand in a document or an answer. */
const SECRET_MEMBERS: ReadonlySet<string> = new Set(['secret', 'password', 'refreshToken', 'clientSecret', 'value']);

export function keepSecretsOutOfLogs(document: unknown): void {
  if (typeof document !== 'object' || document === null) return;
  for (const [name, value] of Object.entries(document)) {
    if (typeof value !== 'string') keepSecretsOutOfLogs(value);
    else if (SECRET_MEMBERS.has(name)) keepOutOfLogs(`a ${name} that was imported`, value);
  }
}

/** The generated secrets of a stack: `secrets.json` of its data directory. */
export function keepGeneratedSecretsOutOfLogs(dataDirectory: string): void {
  interface Stored {
    name: string;
    versions: Record<string, { value: string }>;
  }
  const stored = JSON.parse(readFileSync(join(dataDirectory, 'secrets.json'), 'utf8')) as Record<string, Stored>;
  for (const { name, versions } of Object.values(stored)) {
    for (const { value } of Object.values(versions)) {
      for (const word of Object.values(JSON.parse(value) as Record<string, string>)) keepOutOfLogs(name, word);
    }
  }
}

/** Copies a stack's logs, which go with its data directory. */
export function keepLogs(dataDirectory: string): void {
  const directory = process.env[RECORDS_VARIABLE];
  const logs = join(dataDirectory, 'logs');
  if (directory === undefined || !existsSync(logs)) return;
  cpSync(logs, mkdtempSync(join(directory, 'logs-')), { recursive: true });
}

/** Complaints over everything that was kept, once; undefined when that has been asked before. */
export function endLogSecrets(): string[] | undefined {
  const { [RECORDS_VARIABLE]: directory } = process.env;
  if (directory === undefined) return undefined;
  delete process.env[RECORDS_VARIABLE];
  try {
    return findLeaks(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** In query strings, where keys are legal and logs are careless. */
const KEY_IN_QUERY = /[?&](?:key|api_?key|access_token)=[^&\s"]/i;

/** One line for each word in each log file. */
export function findLeaks(directory: string): string[] {
  const wordsFile = join(directory, WORDS_FILE);
  const lines = existsSync(wordsFile) ? readFileSync(wordsFile, 'utf8').split('\n').filter(Boolean) : [];
  const words = new Map(lines.map((line) => (JSON.parse(line) as [string, string]).toReversed() as [string, string]));
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'));
  return files.flatMap((file) => {
    const log = readFileSync(join(directory, file), 'utf8');
    const found = [...words].filter(([word]) => spellings(word).some((spelling) => log.includes(spelling)));
    const complaints = found.map(([, what]) => `${file} holds ${what}`);
    return KEY_IN_QUERY.test(log) ? [...complaints, `${file} holds a query string with a key`] : complaints;
  });
}

/** As it is, inside a JSON string, in an address, and in base64 of a body or of basic credentials. */
function spellings(word: string): string[] {
  return [
    ...new Set([
      word,
      JSON.stringify(word).slice(1, -1),
      encodeURIComponent(word),
      Buffer.from(word).toString('base64'),
    ]),
  ];
}
