import type { DataDirectory } from './data-directory.ts';
import { StartError } from './start-error.ts';

const FILE = 'version.json';

/** What has to happen to the data on disk before this code may serve it. */
export type DataStep =
  { readonly kind: 'none' } | { readonly kind: 'migrate'; readonly from: number; readonly to: number };

/**
 * Compares the version of the data on disk with the one that the template's functions read and write.
 * @throws StartError when the data is newer than the code.
 */
export function planDataStep(directory: DataDirectory, codeVersion: number): DataStep {
  const found = Number(directory.read(FILE)?.['dataVersion'] ?? codeVersion);
  if (found > codeVersion) {
    throw new StartError(
      `${directory.path} holds data of version ${found}; this code knows versions up to ${codeVersion}. ` +
        `Use the newer code again, or start with --reset (which deletes the data) or another --data DIR.`,
    );
  }
  return found < codeVersion ? { kind: 'migrate', from: found, to: codeVersion } : { kind: 'none' };
}

/** Records that the data on disk has this version. */
export function recordDataVersion(directory: DataDirectory, dataVersion: number): void {
  directory.write(FILE, { dataVersion });
}
