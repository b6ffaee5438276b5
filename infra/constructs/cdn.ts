import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations, CfnOutput, Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ORIGIN_SECRET_HEADER } from '../../layers/aws/names.ts';
import { REPOSITORY_ROOT, type Settings } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { Buckets } from './buckets.ts';
import { ResponseHeaders } from './response-headers.ts';

/** Paths of the data plane, in the order in which the CDN tries them. */
const RELAY_PATHS = [
  '/v1/*',
  '/v1beta/*',
  '/cc/*',
  '/api/v1/chat/*',
  '/api/v1/models*',
  '/api/v1/images/*',
  '/api/chat*',
  '/api/plugin-api/chat/*',
  '/api/plugin-api/models*',
  '/api/plugin-api/v1beta/*',
];
const ADMIN_PATHS = ['/api/*', '/health'];
const MEDIA_PATHS = ['/images/*'];

/** The line of viewer-request.js that is replaced by this stage's settings. */
const EDGE_SETTINGS_LINE = /^const SETTINGS = .*$/m;
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MAXIMUM_EDGE_CODE_BYTES = 10_240;

export interface CdnProps {
  readonly settings: Settings;
  readonly relay: lambda.FunctionUrl;
  readonly admin: lambda.FunctionUrl;
  readonly vault: lambda.FunctionUrl;
  readonly buckets: Buckets;
  /** Reference to the secret that the functions ask of whoever calls them. */
  readonly originHeaderValue: string;
}

/** One address for everything (the table of architecture.md §2). */
export class Cdn extends Construct {
  readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, props: CdnProps) {
    super(scope, id);
    const { settings, buckets } = props;
    const { VIEWER_REQUEST, VIEWER_RESPONSE } = cloudfront.FunctionEventType;
    const edge = [{ eventType: VIEWER_REQUEST, function: this.createEdge(settings) }];
    const mediaEdge = [...edge, { eventType: VIEWER_RESPONSE, function: this.createMediaEdge() }];
    const headers = new ResponseHeaders(this, 'Headers');
    const toFunction = (url: lambda.FunctionUrl, policy: cloudfront.ResponseHeadersPolicy) => ({
      ...functionBehavior(url, props.originHeaderValue),
      responseHeadersPolicy: policy,
      functionAssociations: edge,
    });
    const relay = toFunction(props.relay, headers.dataPlane);
    const vault = toFunction(props.vault, headers.controlPlane);
    const admin = toFunction(props.admin, headers.controlPlane);
    const media = {
      ...bucketBehavior(origins.S3BucketOrigin.withOriginAccessControl(buckets.media, READ_AND_LIST)),
      compress: false,
      responseHeadersPolicy: headers.media,
      functionAssociations: mediaEdge,
    };
    const vaultPaths = [`/${settings.publicApiPrefix}/*`, '/api/vault/*'];
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `Sluice ${settings.stage}`,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      ...domainProps(this, settings),
      defaultBehavior: {
        ...bucketBehavior(origins.S3BucketOrigin.withOriginAccessControl(buckets.console, READ_AND_LIST)),
        responseHeadersPolicy: headers.console,
        functionAssociations: edge,
      },
      additionalBehaviors: Object.fromEntries([
        ...RELAY_PATHS.map((pattern) => [pattern, relay] as const),
        ...vaultPaths.map((pattern) => [pattern, vault] as const),
        ...ADMIN_PATHS.map((pattern) => [pattern, admin] as const),
        ...MEDIA_PATHS.map((pattern) => [pattern, media] as const),
      ]),
    });
    acknowledge(this.distribution, {
      'AwsSolutions-CFR1': 'a gateway has callers in every country',
      'AwsSolutions-CFR2':
        'body rules take prompts for attacks and cost more than the rest of the stack; keys and limits guard it',
      'AwsSolutions-CFR3': 'the rule knows only the older logging; access-logs.ts writes the newer one',
      ...(settings.domainName === undefined && {
        'AwsSolutions-CFR4': 'without a domain of its own: the default certificate cannot be held to TLS 1.2',
      }),
    });
    // The function rewrites `/`, and the default root object stands behind it.
    Annotations.of(this.distribution).acknowledgeWarning(LIST_WARNING, 'A default root object is set');
    new CfnOutput(this, 'Url', {
      description: 'The one address of this gateway',
      value: `https://${settings.domainName ?? this.distribution.distributionDomainName}`,
    }).overrideLogicalId('Url');
  }

  private createEdge(settings: Settings): cloudfront.Function {
    const edgeSettings = { publicApiPrefix: settings.publicApiPrefix, buildId: settings.buildId };
    const source = readEdgeSource('viewer-request.js');
    if (!EDGE_SETTINGS_LINE.test(source)) throw new Error('viewer-request.js has no line "const SETTINGS = …"');
    const code = source.replace(EDGE_SETTINGS_LINE, () => `const SETTINGS = ${JSON.stringify(edgeSettings)};`);
    return this.createEdgeFunction('ViewerRequest', 'Sluice viewer request', code);
  }

  private createMediaEdge(): cloudfront.Function {
    return this.createEdgeFunction('ViewerResponse', 'Sluice media response', readEdgeSource('viewer-response.js'));
  }

  private createEdgeFunction(id: string, comment: string, source: string): cloudfront.Function {
    // Comments are for readers of the source; the service counts their bytes.
    const code = source.replace(/^ *\/\/.*\n/gm, '');
    if (Buffer.byteLength(code) > MAXIMUM_EDGE_CODE_BYTES) throw new Error(`the code of ${id} is over 10 KB`);
    return new cloudfront.Function(this, id, {
      comment,
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      code: cloudfront.FunctionCode.fromInline(code),
    });
  }
}

function readEdgeSource(name: string): string {
  return readFileSync(path.join(REPOSITORY_ROOT, 'infra/edge', name), 'utf8');
}

/** LIST makes a missing object S3's 404 instead of its 403. */
const READ_AND_LIST = { originAccessLevels: [cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST] };

const LIST_WARNING = '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk';

/** Never cached, never compressed (streams), everything but Host forwarded (a function URL routes on Host). */
function functionBehavior(url: lambda.FunctionUrl, originHeaderValue: string): cloudfront.BehaviorOptions {
  return {
    origin: new origins.FunctionUrlOrigin(url, {
      // An inactivity timer: streams ping every 15 s, slow JSON pads after 100 s.
      readTimeout: Duration.seconds(120),
      keepaliveTimeout: Duration.seconds(60),
      customHeaders: { [ORIGIN_SECRET_HEADER]: originHeaderValue },
    }),
    allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
    cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
    originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    // A redirected call would already have sent its key in the clear.
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
    compress: false,
  };
}

function bucketBehavior(origin: cloudfront.IOrigin): cloudfront.BehaviorOptions {
  return {
    origin,
    allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
    cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
    compress: true,
  };
}

function domainProps(scope: Construct, settings: Settings): Partial<cloudfront.DistributionProps> {
  if (settings.domainName === undefined || settings.certificateArn === undefined) return {};
  return {
    domainNames: [settings.domainName],
    certificate: acm.Certificate.fromCertificateArn(scope, 'Certificate', settings.certificateArn),
    minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
  };
}
