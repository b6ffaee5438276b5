import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What the template's roles were granted, and what of it all stacks of a test run used. Every stack that a test starts
 * inherits the variable and writes its part there (infra/local/permissions/records.ts).
 */

const RECORDS_VARIABLE = 'SLUICE_PERMISSION_RECORDS';
/** The record of the template as it is; stacks of changed templates have others beside it. */
const REFERENCE_VARIABLE = 'SLUICE_TEST_PERMISSION_RECORD';

/** One right: who may do what on what. */
export interface GrantLine {
  readonly holder: string;
  readonly action: string;
  readonly resource: string;
}

export interface PermissionRecords {
  readonly granted: readonly GrantLine[];
  readonly used: readonly GrantLine[];
}

/** From now on every stack of this run, and of its workers, is recorded. */
export function recordPermissions(): void {
  process.env[RECORDS_VARIABLE] ??= mkdtempSync(join(tmpdir(), 'sluice-permissions-'));
}

/** Says, after the first stack has started, that what it runs is the template as it is. */
export function nameReference(): void {
  const directory = process.env[RECORDS_VARIABLE] ?? '';
  process.env[REFERENCE_VARIABLE] ??= join(directory, readdirSync(directory)[0] ?? '');
}

/** What was recorded until now, once; undefined when that has been asked before. */
export function endRecording(): PermissionRecords | undefined {
  const { [RECORDS_VARIABLE]: directory, [REFERENCE_VARIABLE]: reference } = process.env;
  if (directory === undefined) return undefined;
  delete process.env[RECORDS_VARIABLE];
  delete process.env[REFERENCE_VARIABLE];
  const records = reference === undefined ? undefined : readRecords(reference);
  rmSync(directory, { recursive: true, force: true });
  return records;
}

function readRecords(record: string): PermissionRecords {
  const files = readdirSync(record).filter((name) => name.endsWith('.used'));
  const used = new Set(files.flatMap((name) => linesOf(join(record, name))));
  return { granted: linesOf(join(record, 'granted.txt')).map(readGrant), used: [...used].map(readGrant) };
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

function readGrant(line: string): GrantLine {
  const [holder = '', action = '', resource = ''] = line.split('\t');
  return { holder, action, resource };
}
