import type { Clock } from '@sluice/kit/time/clock';
import { SERVED_PREFIX, timesOf, UPLOADS_PREFIX } from './media-names.ts';
import type { MediaObjects } from './media-objects.ts';

export interface ExpireDeps {
  objects: Pick<MediaObjects, 'list' | 'delete'>;
  clock: Clock;
  /** Objects of one call; 1 to 1,000. */
  batch: number;
  /** False when no time is left for another batch. */
  mayGoOn(): boolean;
}

export interface ExpireReport {
  deleted: number;
  bytes: number;
  batches: number;
  /** Could not be deleted; the next run finds them again. */
  failed: number;
  /** False: there is more, and the next run goes on. */
  finished: boolean;
}

/**
 * Within each of these the names are in the order of expiry, so that what has expired is the beginning of a list, and
 * nothing that lives is looked through.
 */
const PREFIXES = [SERVED_PREFIX, `${SERVED_PREFIX}upload-`, UPLOADS_PREFIX];

/** Deletes what has expired. The CDN has refused it since its very second; this only gives the space back. */
export async function expireMedia(deps: ExpireDeps): Promise<ExpireReport> {
  const report: ExpireReport = { deleted: 0, bytes: 0, batches: 0, failed: 0, finished: true };
  const nowSeconds = Math.floor(deps.clock() / 1_000);
  for (const prefix of PREFIXES) {
    if (!(await expirePrefix(deps, prefix, { report, nowSeconds }))) return { ...report, finished: false };
  }
  return report;
}

/** @returns false when it was stopped */
async function expirePrefix(
  deps: ExpireDeps,
  prefix: string,
  { report, nowSeconds }: { report: ExpireReport; nowSeconds: number },
): Promise<boolean> {
  let after: string | null = null;
  for (;;) {
    if (!deps.mayGoOn()) return false;
    const page: { key: string; bytes: number }[] = await deps.objects.list(prefix, after);
    const alive = page.findIndex(({ key }) => (expiryOf(key) ?? 0) > nowSeconds);
    const expired = page.slice(0, alive < 0 ? page.length : alive).filter(({ key }) => expiryOf(key) !== null);
    for (let at = 0; at < expired.length; at += deps.batch) {
      if (!deps.mayGoOn()) return false;
      await deleteBatch(deps, expired.slice(at, at + deps.batch), report);
    }
    const last = page.at(-1);
    if (last === undefined || alive >= 0) return true;
    after = last.key;
  }
}

async function deleteBatch(
  { objects }: ExpireDeps,
  batch: readonly { key: string; bytes: number }[],
  report: ExpireReport,
): Promise<void> {
  const failed = new Set(await objects.delete(batch.map(({ key }) => key)));
  report.batches += 1;
  report.failed += failed.size;
  for (const { key, bytes } of batch) {
    if (failed.has(key)) continue;
    report.deleted += 1;
    report.bytes += bytes;
  }
}

const EXPIRY_FOLDER = /^images\/([1-9][0-9]{9})\//;

/** Seconds; null for a name that tells none, which the bucket's lifecycle sees to. */
function expiryOf(key: string): number | null {
  const folder = EXPIRY_FOLDER.exec(key);
  return folder ? Number(folder[1]) : (timesOf(key)?.expiresAt ?? null);
}
