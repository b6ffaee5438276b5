/**
 * A record, for a report over many stacks, of what the template grants and what of it was used:
 *
 *   <directory>/<digest of the grants>/granted.txt            a line for each grant (grants.ts)
 *   <directory>/<digest of the grants>/<process>.used         a line for each, written at its first use
 *
 * Stacks of one template share a directory and others do not. Each process has a file of its own, and a line is on
 * disk before its call is answered, so that a killed process leaves a true record.
 */

import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const GRANTED_FILE = 'granted.txt';

/** Names the directory of records in the environment of the runner. */
export const RECORDS_VARIABLE = 'SLUICE_PERMISSION_RECORDS';

/** Writes down what is granted; answers the file for the uses that one process sees. */
export function openRecord(directory: string, grants: readonly string[]): (processName: string) => string {
  const digest = createHash('sha256').update(grants.join('\n')).digest('hex').slice(0, 16);
  const place = join(directory, digest);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeFileSync(join(place, GRANTED_FILE), grants.map((grant) => `${grant}\n`).join(''));
  return (processName) => join(place, `${processName}.used`);
}

export function appendGrant(file: string | undefined, grant: string): void {
  if (file !== undefined) appendFileSync(file, `${grant}\n`);
}
