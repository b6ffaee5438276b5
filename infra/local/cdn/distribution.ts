import { listAt, numberAt, objectAt, textAt, type JsonObject } from '../json.ts';
import { StartError } from '../start-error.ts';
import { compilePathPattern } from './path-pattern.ts';

/** What of the viewer's request reaches the origin. */
type Forwarding = 'all-but-host' | 'path-only';

export interface Behavior {
  readonly pattern: string;
  matches(path: string): boolean;
  readonly originId: string;
  readonly allowedMethods: ReadonlySet<string>;
  readonly forwarding: Forwarding;
  readonly viewerRequestFunctionArn: string | undefined;
  readonly viewerResponseFunctionArn: string | undefined;
  readonly responseHeadersPolicyId: string | undefined;
}

export interface Origin {
  readonly id: string;
  readonly domainName: string;
  readonly path: string;
  /** Lower-case names; they win over what the viewer sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly kind: 'custom' | 'bucket';
  /** By an origin access control. */
  readonly isSigned: boolean;
  /** The longest silence of the origin, before its answer and inside it. */
  readonly readTimeoutMs: number;
}

export interface Distribution {
  /** In the order in which they are tried; the last one matches everything. */
  readonly behaviors: readonly Behavior[];
  readonly origins: ReadonlyMap<string, Origin>;
  readonly defaultRootObject: string;
}

const DEFAULT_READ_TIMEOUT_SECONDS = 30;

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const CACHE_POLICIES = [
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // CachingDisabled
  '658327ea-f89d-4fab-a63d-7e88639e58f6', // CachingOptimized: locally every request goes to the bucket
];
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

/** Features that would change answers and that the local CDN does not have. */
const BEHAVIOR_FEATURES = ['TrustedKeyGroups', 'TrustedSigners', 'FieldLevelEncryptionId', 'ForwardedValues'];
const DISTRIBUTION_FEATURES = ['CustomErrorResponses', 'S3Origin', 'CustomOrigin'];

/** Reads the resolved properties of an AWS::CloudFront::Distribution. @throws StartError naming what is not modelled. */
export function readDistribution(properties: JsonObject): Distribution {
  const config = objectAt(properties['DistributionConfig']);
  refuse(config, DISTRIBUTION_FEATURES, 'distribution');
  if (Number(objectAt(config['OriginGroups'])['Quantity'] ?? 0) > 0) throw unsupported('OriginGroups', 'distribution');
  const listed = listAt(config['CacheBehaviors']).map(objectAt);
  const behaviors = listed.map((behavior) => readBehavior(behavior, String(behavior['PathPattern'])));
  return {
    behaviors: [...behaviors, readBehavior(objectAt(config['DefaultCacheBehavior']), '*')],
    origins: new Map(
      listAt(config['Origins']).map((origin) => [String(objectAt(origin)['Id']), readOrigin(objectAt(origin))]),
    ),
    defaultRootObject: textAt(config['DefaultRootObject']) ?? '',
  };
}

function readBehavior(behavior: JsonObject, pattern: string): Behavior {
  const where = `behaviour ${pattern}`;
  refuse(behavior, BEHAVIOR_FEATURES, where);
  if (listAt(behavior['LambdaFunctionAssociations']).length > 0) throw unsupported('LambdaFunctionAssociations', where);
  const cachePolicy = textAt(behavior['CachePolicyId']) ?? '';
  if (!CACHE_POLICIES.includes(cachePolicy)) throw unsupported(`the cache policy ${cachePolicy}`, where);
  const methods = listAt(behavior['AllowedMethods']).map(String);
  return {
    pattern,
    matches: compilePathPattern(pattern),
    originId: String(behavior['TargetOriginId']),
    allowedMethods: new Set(methods.length === 0 ? ['GET', 'HEAD'] : methods),
    forwarding: readForwarding(behavior, where),
    ...readViewerFunctions(behavior, where),
    responseHeadersPolicyId: textAt(behavior['ResponseHeadersPolicyId']),
  };
}

function readForwarding(behavior: JsonObject, where: string): Forwarding {
  const policy = textAt(behavior['OriginRequestPolicyId']);
  if (policy === undefined) return 'path-only';
  if (policy === ALL_VIEWER_EXCEPT_HOST_HEADER) return 'all-but-host';
  throw unsupported(`the origin request policy ${policy}`, where);
}

function readViewerFunctions(
  behavior: JsonObject,
  where: string,
): Pick<Behavior, 'viewerRequestFunctionArn' | 'viewerResponseFunctionArn'> {
  const associations = listAt(behavior['FunctionAssociations']).map(objectAt);
  const arns = new Map(associations.map((one) => [String(one['EventType']), textAt(one['FunctionARN'])]));
  const other = [...arns.keys()].find((event) => !['viewer-request', 'viewer-response'].includes(event));
  if (other !== undefined) throw unsupported(`the function event ${other}`, where);
  return {
    viewerRequestFunctionArn: arns.get('viewer-request'),
    viewerResponseFunctionArn: arns.get('viewer-response'),
  };
}

function readOrigin(origin: JsonObject): Origin {
  const custom = origin['CustomOriginConfig'];
  const seconds = numberAt(objectAt(custom)['OriginReadTimeout']) ?? DEFAULT_READ_TIMEOUT_SECONDS;
  const headers = listAt(origin['OriginCustomHeaders']).map(objectAt);
  return {
    id: String(origin['Id']),
    domainName: String(origin['DomainName']),
    path: textAt(origin['OriginPath']) ?? '',
    headers: Object.fromEntries(
      headers.map((entry) => [String(entry['HeaderName']).toLowerCase(), String(entry['HeaderValue'])]),
    ),
    kind: custom === undefined ? 'bucket' : 'custom',
    isSigned: (textAt(origin['OriginAccessControlId']) ?? '') !== '',
    readTimeoutMs: seconds * 1000,
  };
}

function refuse(config: JsonObject, features: readonly string[], where: string): void {
  const used = features.find((name) => config[name] !== undefined);
  if (used !== undefined) throw unsupported(used, where);
}

function unsupported(feature: string, where: string): StartError {
  return new StartError(`The CDN's ${where} uses ${feature}, which the local stack does not know.`);
}
