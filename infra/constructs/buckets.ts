import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../layers/aws/names.ts';
import type { GatewayFunction } from './gateway-function.ts';

/** Keys of media objects begin so, because the CDN hands the whole path to the bucket. */
const MEDIA_PREFIX = 'images/';

/** Every bucket: no public access, TLS only, encrypted, no access lists. */
const PRIVATE = {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  encryption: s3.BucketEncryption.S3_MANAGED,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
} as const satisfies s3.BucketProps;

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
      lifecycleRules: [
        {
          id: 'expire-media',
          prefix: MEDIA_PREFIX,
          expiration: Duration.days(2),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
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

  /** Gives the right to write media and the bucket's name in one call. */
  grantWriteMedia(target: GatewayFunction): void {
    target.grant({
      actions: ['s3:PutObject'],
      resources: [this.media.arnForObjects(`${MEDIA_PREFIX}*`)],
      environment: { [ENVIRONMENT.mediaBucket]: this.media.bucketName },
    });
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
