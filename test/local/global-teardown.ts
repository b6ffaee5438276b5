import { endLogSecrets } from '../support/log-secrets.ts';
import { endRecording } from '../support/permission-records.ts';
import { compareGrants, UNUSED_GRANTS } from '../support/unused-grants.ts';
import { endSharedRun } from './shared-run.ts';

/** What a run was narrowed to (part of Jest's global configuration). */
interface RunScope {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
  readonly testNamePattern?: string;
  readonly shard?: unknown;
  readonly onlyChanged: boolean;
  readonly onlyFailures: boolean;
  readonly findRelatedTests: boolean;
}

/** Jest's hook after a project of the local stack. @throws Error when a log holds a secret or a prompt, or when all of them ran whole and left grants unused */
export default async function stopSharedStack(scope: RunScope): Promise<void> {
  await endSharedRun();
  const leaks = endLogSecrets() ?? [];
  if (leaks.length > 0) throw new Error(`Logs hold what no log may hold:\n  ${leaks.join('\n  ')}`);
  const records = endRecording();
  if (records === undefined || !isWhole(scope)) return;
  const complaints = compareGrants(records, UNUSED_GRANTS);
  if (complaints.length > 0) {
    throw new Error(
      `Grants and their uses differ (test/support/unused-grants.ts explains those that no test uses; ` +
        `a test that failed may have used less):\n  ${complaints.join('\n  ')}`,
    );
  }
  const { granted, used } = records;
  const unused = granted.length - used.length;
  process.stderr.write(`permissions: ${granted.length} grants, ${used.length} used, ${unused} explained as unused.\n`);
}

function isWhole({ testPathPatterns, testNamePattern, shard, ...more }: RunScope): boolean {
  if (process.env['SLUICE_SUITE'] !== undefined) return false;
  const isNarrowed = more.onlyChanged || more.onlyFailures || more.findRelatedTests;
  return testPathPatterns.patterns.length === 0 && !testNamePattern && shard === undefined && !isNarrowed;
}
