import type { RelayEnvironment } from '@sluice/aws/env';
import { createJobStarter } from '@sluice/aws/job-starter';
import { createJobObjects } from '@sluice/aws/media/job-objects';
import { createS3Client } from '@sluice/aws/media/s3-client';
import { createMediaObjects } from '@sluice/aws/media/s3-objects';
import type { TableClient } from '@sluice/aws/table-client';
import { createMediaIndex } from '@sluice/aws/tables/media-index';
import { createMediaJobStore } from '@sluice/aws/tables/media-jobs';
import type { CatalogStore } from '@sluice/core/catalog/store';
import { newestVersion, type VersionedSecret } from '@sluice/core/identity/secret-versions';
import { createMediaStore } from '@sluice/core/media/keep-media';
import { createUploads } from '@sluice/core/media/uploads';
import type { FrontDeps } from '@sluice/core/relay/front';
import { postGuarded } from '@sluice/kit/http/guarded-post';
import type { UpstreamClient } from '@sluice/kit/http/upstream-client';
import type { Logger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';

/** A receiver that takes longer is told again. */
const WEBHOOK_MS = 10_000;

type MediaDeps = Pick<
  FrontDeps,
  'media' | 'uploads' | 'jobs' | 'startJob' | 'newestPepper' | 'pepperOf' | 'postWebhook'
>;

/** What the data plane keeps media and media jobs with. */
export function createMediaDeps(
  { aws, tables, mediaBucket, mostMediaBytes, mediaJobsFunction, timeZoneOffsetMinutes }: RelayEnvironment,
  parts: { client: TableClient; upstreamClient: UpstreamClient; logger: Logger },
): (known: { pepper: VersionedSecret; catalog: Pick<CatalogStore, 'readSettings'> }) => MediaDeps {
  const { client, upstreamClient, logger } = parts;
  const bucket = createS3Client({ aws, bucket: mediaBucket });
  const media = {
    objects: createMediaObjects(bucket),
    index: createMediaIndex(client, tables.content),
    mostBytes: mostMediaBytes,
    timeZoneOffsetMinutes,
    clock: systemClock,
    logger,
  };
  const startJob =
    mediaJobsFunction === null
      ? () => Promise.reject(new Error('Jobs are not started by jobs'))
      : createJobStarter({ aws, functionName: mediaJobsFunction });
  return ({ pepper, catalog }) => ({
    media: createMediaStore(media),
    uploads: createUploads(media),
    jobs: createMediaJobStore(client, tables.content, createJobObjects(bucket)),
    startJob,
    newestPepper: newestVersion(pepper),
    pepperOf: (version) => pepper[version],
    postWebhook: async (request) => {
      const { allowedWebhookNetworks: allowedNetworks } = await catalog.readSettings();
      return postGuarded(upstreamClient, { ...request, timeoutMs: WEBHOOK_MS, allowedNetworks });
    },
  });
}
