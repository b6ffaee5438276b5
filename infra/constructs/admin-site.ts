import { existsSync } from 'node:fs';
import path from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source, type ISource } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import type { Settings } from '../config.ts';
import { acknowledge } from './acknowledge.ts';

export interface AdminSiteProps {
  readonly settings: Settings;
  readonly bucket: s3.Bucket;
}

/**
 * Copies the built console into its bucket. Files under `assets/` have their hash in the name, so they are kept for
 * pages that are still open and cached for ever; everything else is asked for again each time. Nothing to invalidate.
 */
export class AdminSite extends Construct {
  constructor(scope: Construct, id: string, props: AdminSiteProps) {
    super(scope, id);
    const directory = requireBuiltConsole(props.settings.adminWebDirectory);
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: props.settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.createRole(props.bucket, logGroup);
    const shared = {
      destinationBucket: props.bucket,
      // The construct's own grants hold action stars and every object of the account's assets.
      role: role.withoutPolicyUpdates(),
      logGroup,
      prune: false,
      outputObjectKeys: false,
    };
    new BucketDeployment(this, 'Assets', {
      ...shared,
      sources: [readableBy(role, Source.asset(path.join(directory, 'assets')))],
      destinationKeyPrefix: 'assets',
      cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
    });
    new BucketDeployment(this, 'Pages', {
      ...shared,
      sources: [readableBy(role, Source.asset(directory, { exclude: ['assets', '.*'] }))],
      cacheControl: [CacheControl.fromString('no-cache')],
    });
    this.acknowledgeFindings(role, props.bucket);
  }

  private acknowledgeFindings(role: iam.Role, bucket: s3.Bucket): void {
    const stack = Stack.of(this);
    const files = `<${stack.getLogicalId(bucket.node.defaultChild as s3.CfnBucket)}.Arn>/*`;
    const staged = 'arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*';
    acknowledge(role, {
      [`AwsSolutions-IAM5[Resource::${files}]`]: 'the files of one bucket, whose names carry hashes',
      [`AwsSolutions-IAM5[Resource::${staged}]`]: 'the staged console, whose name is its hash',
    });
    const helper = stack.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'));
    if (helper === undefined) throw new Error('the CDK has no bucket deployment of the expected name');
    const runtime = "the CDK's own helper, which it moves to newer runtimes";
    acknowledge(helper, {
      'AwsSolutions-L1': runtime,
      'Serverless-LambdaLatestVersion': runtime,
      'Serverless-LambdaDLQ': 'CloudFormation calls it and fails the deployment when it fails',
      'Serverless-LambdaTracing': 'runs only while a deployment does, which shows its failures',
    });
  }

  private createRole(bucket: s3.Bucket, logGroup: logs.LogGroup): iam.Role {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Sluice console deployment',
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects('*')] }));
    return role;
  }
}

function requireBuiltConsole(directory: string): string {
  const isBuilt = ['index.html', 'assets'].every((name) => existsSync(path.join(directory, name)));
  if (!isBuilt) {
    throw new Error(
      `The console is not built: ${directory} lacks index.html and assets/. Build it with "npm run build -w admin-web"; "npm run synth" does so by itself.`,
    );
  }
  return directory;
}

/** The source, and the right to read just the bucket that it is staged in. */
function readableBy(role: iam.Role, source: ISource): ISource {
  return {
    bind: (scope, context) => {
      const config = source.bind(scope, context);
      role.addToPolicy(
        new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [config.bucket.arnForObjects('*')] }),
      );
      return config;
    },
  };
}
