import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../layers/aws/names.ts';
import type { GatewayFunction } from './gateway-function.ts';

/** Keys of media objects begin so, because the CDN hands the whole path to the bucket. */
const MEDIA_PREFIX = 'images/';
/** Of what clients send straight into the bucket; no path of the CDN leads there. */
const UPLOADS_PREFIX = 'uploads/';
const OBJECTS = [MEDIA_PREFIX, UPLOADS_PREFIX] as const;
/** Large requests and answers that are kept for a day; no path of the CDN leads there either. */
const JOBS_PREFIX = 'jobs/';

/** Every bucket: no public access, TLS only, encrypted, no access lists. */
const PRIVATE = {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  encryption: s3.BucketEncryption.S3_MANAGED,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
} as const satisfies s3.BucketProps;

const MEDIA_RIGHTS = {
  /** New media. */
  write: { actions: ['s3:PutObject', 's3:AbortMultipartUpload'], prefixes: [MEDIA_PREFIX] },
  /** Addresses for uploads, which have the rights of whoever signed them. */
  invite: { actions: ['s3:PutObject'], prefixes: [UPLOADS_PREFIX] },
  /** Media and uploads, as inputs. */
  read: { actions: ['s3:GetObject'], prefixes: OBJECTS },
  delete: { actions: ['s3:DeleteObject'], prefixes: OBJECTS },
} as const;

export interface BucketsProps {
  readonly logRetentionDays: number;
  /** Name of the log delivery source that may write access logs. */
  readonly deliverySourceName: string;
}

/** Media that clients fetch, the console's files, and the logs of both and of the CDN. */
export class Buckets extends Construct {
  readonly media: s3.Bucket;
  readonly console: s3.Bucket;
  readonly logs: s3.Bucket;

  constructor(scope: Construct, id: string, props: BucketsProps) {
    super(scope, id);
    this.logs = new s3.Bucket(this, 'Logs', {
      ...PRIVATE,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ id: 'forget', expiration: Duration.days(props.logRetentionDays) }],
    });
    this.letLogsBeDelivered(props.deliverySourceName);
    this.media = new s3.Bucket(this, 'Media', {
      ...PRIVATE,
      removalPolicy: RemovalPolicy.RETAIN,
      serverAccessLogsBucket: this.logs,
      serverAccessLogsPrefix: 'media/',
      // The net under the sweep: media live until the next local midnight, which two days always cover.
      lifecycleRules: [...OBJECTS, JOBS_PREFIX].map((prefix) => ({
        id: `expire-${prefix === MEDIA_PREFIX ? 'media' : prefix.slice(0, -1)}`,
        prefix,
        expiration: Duration.days(2),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      })),
      // Pages of any origin may send a file to an address that was signed for it; reading needs a signature too.
      cors: [
        {
          allowedMethods: [s3.HttpMethods.PUT, s3.HttpMethods.POST],
          allowedOrigins: ['*'],
          allowedHeaders: ['content-type', 'content-length'],
          exposedHeaders: ['etag'],
          maxAge: 3_600,
        },
      ],
    });
    this.console = new s3.Bucket(this, 'Console', {
      ...PRIVATE,
      removalPolicy: RemovalPolicy.RETAIN,
      serverAccessLogsBucket: this.logs,
      serverAccessLogsPrefix: 'console/',
    });
  }

  /** Rights on media, and the bucket's name, in one call. */
  grantMedia(target: GatewayFunction, ...rights: readonly (keyof typeof MEDIA_RIGHTS)[]): void {
    const reached = new Set<string>();
    for (const right of rights) {
      const { actions, prefixes } = MEDIA_RIGHTS[right];
      for (const prefix of prefixes) reached.add(prefix);
      target.grant({
        actions,
        resources: prefixes.map((prefix) => this.media.arnForObjects(`${prefix}*`)),
        environment: { [ENVIRONMENT.mediaBucket]: this.media.bucketName },
      });
    }
    for (const prefix of reached) {
      target.acknowledgeGrants(this.starUnder(prefix, 'media and uploads, under names that are random'));
    }
  }

  /** Rights on large requests and answers of jobs: to keep and read them, and to take them away with what they belong to. */
  grantJobs(target: GatewayFunction, ...rights: readonly ('keep' | 'remove')[]): void {
    target.grant({
      actions: rights.flatMap((right) => (right === 'keep' ? ['s3:PutObject', 's3:GetObject'] : ['s3:DeleteObject'])),
      resources: [this.media.arnForObjects(`${JOBS_PREFIX}*`)],
    });
    target.acknowledgeGrants(this.starUnder(JOBS_PREFIX, 'what jobs keep, under names that are random'));
  }

  private starUnder(prefix: string, reason: string): Record<string, string> {
    const id = Stack.of(this).getLogicalId(this.media.node.defaultChild as s3.CfnBucket);
    return { [`AwsSolutions-IAM5[Resource::<${id}.Arn>/${prefix}*]`]: reason };
  }

  /** Who may list is told that an object is missing, and finds what has expired. */
  grantListMedia(target: GatewayFunction): void {
    target.grant({ actions: ['s3:ListBucket'], resources: [this.media.bucketArn] });
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-S3.html */
  private letLogsBeDelivered(deliverySourceName: string): void {
    this.logs.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AccessLogDelivery',
        principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.logs.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/CloudFront/*`)],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 's3:x-amz-acl': 'bucket-owner-full-control' },
          ArnLike: {
            'aws:SourceArn': `arn:${Aws.PARTITION}:logs:us-east-1:${Aws.ACCOUNT_ID}:delivery-source:${deliverySourceName}`,
          },
        },
      }),
    );
  }
}
