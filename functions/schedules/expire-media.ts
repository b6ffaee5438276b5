import { readExpireMediaEnvironment } from '@sluice/aws/env';
import { createS3Client } from '@sluice/aws/media/s3-client';
import { createMediaObjects } from '@sluice/aws/media/s3-objects';
import { expireMedia, type ExpireReport } from '@sluice/core/media/expire-media';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';

/** Deletes media that have expired, in batches of `KV_CLEANUP_BATCH`. Every half an hour, or by hand, with `{}`. */

const { aws, buildId, mediaBucket, mediaCleanupBatch } = readExpireMediaEnvironment();
const objects = createMediaObjects(createS3Client({ aws, bucket: mediaBucket }));
const logger = createLogger((line) => process.stdout.write(`${line}\n`), { function: 'expire-media', build: buildId });
/** Less than the function's own time. */
const MOST_MS = 3.5 * 60_000;

export async function handler(): Promise<ExpireReport> {
  const endsAt = performance.now() + MOST_MS;
  const report = await expireMedia({
    objects,
    clock: systemClock,
    batch: mediaCleanupBatch,
    mayGoOn: () => performance.now() < endsAt,
  });
  logger.info('media_expired', { ...report });
  return report;
}
