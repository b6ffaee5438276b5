import { Aws, CfnCondition, CfnOutput, Fn } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/**
 * What is written of each request. Not `cs-uri-query`: clients may send their key as `?key=` or `?apiKey=`; nor
 * cookies, nor the referrer, which repeats queries.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 */
const FIELDS = [
  'date',
  'time',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs(Host)',
  'cs-uri-stem',
  'sc-status',
  'cs(User-Agent)',
  'x-edge-result-type',
  'x-edge-request-id',
  'x-host-header',
  'cs-protocol',
  'cs-bytes',
  'time-taken',
  'x-forwarded-for',
  'ssl-protocol',
  'ssl-cipher',
  'x-edge-response-result-type',
  'cs-protocol-version',
  'c-port',
  'time-to-first-byte',
  'x-edge-detailed-result-type',
  'sc-content-type',
  'sc-content-len',
  'sc-range-start',
  'sc-range-end',
];

export interface AccessLogsProps {
  readonly distribution: cloudfront.Distribution;
  readonly bucket: s3.Bucket;
  readonly deliverySourceName: string;
}

/** Standard logging v2 of the CDN. CloudFront's delivery source exists in us-east-1 only (docs/decisions/0012). */
export class AccessLogs extends Construct {
  constructor(scope: Construct, id: string, props: AccessLogsProps) {
    super(scope, id);
    const isPossible = new CfnCondition(this, 'Possible', { expression: Fn.conditionEquals(Aws.REGION, 'us-east-1') });
    const source = new logs.CfnDeliverySource(this, 'Source', {
      name: props.deliverySourceName,
      logType: 'ACCESS_LOGS',
      resourceArn: props.distribution.distributionArn,
    });
    const destination = new logs.CfnDeliveryDestination(this, 'Destination', {
      name: props.deliverySourceName,
      destinationResourceArn: props.bucket.bucketArn,
      outputFormat: 'json',
    });
    const delivery = new logs.CfnDelivery(this, 'Delivery', {
      deliverySourceName: props.deliverySourceName,
      deliveryDestinationArn: destination.attrArn,
      recordFields: FIELDS,
    });
    delivery.addResourceDependency(source);
    for (const resource of [source, destination, delivery]) resource.cfnOptions.condition = isPossible;
    // Delivery is checked against the bucket's policy when it is created.
    if (props.bucket.policy !== undefined) delivery.node.addDependency(props.bucket.policy);
    new CfnOutput(this, 'AccessLogs', {
      description: 'Where the CDN access logs are',
      value: Fn.conditionIf(
        isPossible.logicalId,
        `s3://${props.bucket.bucketName}`,
        'none: CloudFront delivers them from us-east-1 only',
      ).toString(),
    }).overrideLogicalId('AccessLogs');
  }
}
