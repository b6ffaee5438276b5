import { describe, expect, test } from '@jest/globals';
import { resourcesOf, synthesize, type SynthesizedTemplate } from './support/synthesize.ts';

const { service } = synthesize();

/** AWS's own: CachingDisabled, CachingOptimized, AllViewerExceptHostHeader. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const ALL_BUT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

interface Behavior {
  PathPattern?: string;
  TargetOriginId: string;
  CachePolicyId: string;
  OriginRequestPolicyId?: string;
  Compress: boolean;
  ViewerProtocolPolicy: string;
  AllowedMethods?: string[];
  ResponseHeadersPolicyId: { Ref: string };
  FunctionAssociations: { EventType: string; FunctionARN: unknown }[];
}

interface Origin {
  Id: string;
  DomainName: unknown;
  OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[];
  CustomOriginConfig?: { OriginReadTimeout: number; OriginProtocolPolicy: string; OriginSSLProtocols: string[] };
  OriginAccessControlId?: unknown;
}

interface DistributionConfig {
  CacheBehaviors: Behavior[];
  DefaultCacheBehavior: Behavior;
  Origins: Origin[];
  HttpVersion: string;
  CustomErrorResponses?: unknown;
  Logging?: unknown;
  Aliases?: string[];
  ViewerCertificate?: { MinimumProtocolVersion: string };
}

function configOf(template: SynthesizedTemplate): DistributionConfig {
  const [[, distribution] = [undefined, undefined], ...others] = resourcesOf(template, 'AWS::CloudFront::Distribution');
  if (distribution === undefined || others.length > 0) throw new Error('expected one distribution');
  return distribution.Properties.DistributionConfig as DistributionConfig;
}

const config = configOf(service);

/** `relay`, `admin`, `vault`, `media` or `console`. */
function targetOf(behavior: Behavior): string {
  const origin = config.Origins.find((one) => one.Id === behavior.TargetOriginId);
  const address = JSON.stringify(origin?.DomainName);
  return (
    /(Relay|Admin|Vault)Api/.exec(address)?.[1]?.toLowerCase() ??
    /Buckets(Media|Console)/.exec(address)![1]!.toLowerCase()
  );
}

const toFunctions = config.CacheBehaviors.filter((one) => ['relay', 'admin', 'vault'].includes(targetOf(one)));
const toBuckets = [...config.CacheBehaviors, config.DefaultCacheBehavior].filter((one) => !toFunctions.includes(one));

describe('behaviours', () => {
  test('are tried in this order', () => {
    expect(config.CacheBehaviors.map((behavior) => [behavior.PathPattern, targetOf(behavior)])).toEqual([
      ['/v1/*', 'relay'],
      ['/v1beta/*', 'relay'],
      ['/cc/*', 'relay'],
      ['/api/v1/chat/*', 'relay'],
      ['/api/v1/models*', 'relay'],
      ['/api/v1/images/*', 'relay'],
      ['/api/chat*', 'relay'],
      ['/api/plugin-api/chat/*', 'relay'],
      ['/api/plugin-api/models*', 'relay'],
      ['/api/plugin-api/v1beta/*', 'relay'],
      ['/public-api/*', 'vault'],
      ['/api/vault/*', 'vault'],
      ['/api/*', 'admin'],
      ['/health', 'admin'],
      ['/images/*', 'media'],
    ]);
    expect(targetOf(config.DefaultCacheBehavior)).toBe('console');
  });

  test('all to functions: never cached or compressed, every method and header, HTTPS only', () => {
    for (const behavior of toFunctions) {
      expect(behavior).toMatchObject({
        CachePolicyId: CACHING_DISABLED,
        OriginRequestPolicyId: ALL_BUT_HOST,
        Compress: false,
        ViewerProtocolPolicy: 'https-only',
      });
      expect(behavior.AllowedMethods?.toSorted()).toEqual(
        ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'].toSorted(),
      );
    }
  });

  test('to buckets: read only, cached, HTTPS only', () => {
    expect(toBuckets).toHaveLength(2);
    for (const behavior of toBuckets) {
      expect(behavior).toMatchObject({
        CachePolicyId: CACHING_OPTIMIZED,
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: ['GET', 'HEAD'],
      });
    }
  });

  test('all pass through the one viewer-request function', () => {
    for (const behavior of [...toFunctions, ...toBuckets]) {
      expect(behavior.FunctionAssociations?.[0]).toEqual({
        EventType: 'viewer-request',
        FunctionARN: { 'Fn::GetAtt': [expect.stringContaining('ViewerRequest'), 'FunctionARN'] },
      });
    }
  });

  test('of media alone change what viewers are told to keep', () => {
    const changed = [...toFunctions, ...toBuckets].filter(({ FunctionAssociations: all }) => (all?.length ?? 0) > 1);
    expect(changed.map(({ PathPattern }) => PathPattern)).toEqual(['/images/*']);
    expect(changed[0]?.FunctionAssociations?.[1]).toEqual({
      EventType: 'viewer-response',
      FunctionARN: { 'Fn::GetAtt': [expect.stringContaining('ViewerResponse'), 'FunctionARN'] },
    });
  });

  test('the public API answers under the prefix of the stage, at the CDN and in the vault', () => {
    const { service: renamed } = synthesize({ publicApiPrefix: 'tokens' });
    const patterns = configOf(renamed).CacheBehaviors.map((behavior) => behavior.PathPattern);
    expect(patterns).toContain('/tokens/*');
    expect(patterns).not.toContain('/public-api/*');
    expect(JSON.stringify(renamed.Resources)).toContain('"PUBLIC_API_PREFIX":"/tokens"');
    expect(JSON.stringify(resourcesOf(renamed, 'AWS::CloudFront::Function'))).toContain('publicApiPrefix\\":\\"tokens');
  });
});

describe('origins', () => {
  const functionOrigins = config.Origins.filter((origin) => origin.CustomOriginConfig !== undefined);

  test('functions are called over TLS 1.2, with the secret, and may be silent for 120 s', () => {
    expect(functionOrigins).toHaveLength(3);
    for (const origin of functionOrigins) {
      expect(origin.CustomOriginConfig).toMatchObject({
        OriginReadTimeout: 120,
        OriginProtocolPolicy: 'https-only',
        OriginSSLProtocols: ['TLSv1.2'],
      });
      expect(origin.OriginCustomHeaders?.map((header) => header.HeaderName)).toEqual(['x-sluice-origin-secret']);
    }
  });

  test('the template holds a reference to the secret, not the secret', () => {
    for (const origin of functionOrigins) {
      const value = JSON.stringify(origin.OriginCustomHeaders?.[0]?.HeaderValue);
      expect(value).toMatch(/\{\{resolve:secretsmanager:.*OriginSecret.*:SecretString:current/);
    }
  });

  test('buckets are read by this distribution alone, a missing object is a 404', () => {
    const bucketOrigins = config.Origins.filter((origin) => origin.OriginAccessControlId !== undefined);
    expect(bucketOrigins).toHaveLength(2);
    const policies = resourcesOf(service, 'AWS::S3::BucketPolicy').map(([, policy]) => JSON.stringify(policy));
    const served = policies.filter((policy) => policy.includes('cloudfront.amazonaws.com'));
    expect(served).toHaveLength(2);
    for (const policy of served) {
      expect(policy).toContain('s3:ListBucket');
      expect(policy).toContain('AWS:SourceArn');
    }
  });
});

describe('the distribution', () => {
  test('speaks HTTP/2 and HTTP/3', () => {
    expect(config.HttpVersion).toBe('http2and3');
  });

  test('rewrites no error of its origins', () => {
    expect(config).not.toHaveProperty('CustomErrorResponses');
  });

  test('takes a domain with its certificate and TLS 1.2 from the stage', () => {
    const { service: named } = synthesize({
      domainName: 'llm.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/8f2b4c1e-0000-4000-8000-000000000000',
    });
    expect(configOf(named).Aliases).toEqual(['llm.example.com']);
    expect(configOf(named).ViewerCertificate?.MinimumProtocolVersion).toBe('TLSv1.2_2021');
  });
});

test('access logs keep no query string, cookie or referrer: keys travel there', () => {
  expect(config).not.toHaveProperty('Logging');
  const [[, delivery] = [undefined, undefined]] = resourcesOf(service, 'AWS::Logs::Delivery');
  const fields = delivery?.Properties.RecordFields as string[];
  expect(fields).toContain('cs-uri-stem');
  expect(fields.filter((field) => /query|cookie|referer/i.test(field))).toEqual([]);
});

describe('response headers', () => {
  interface HeadersConfig {
    SecurityHeadersConfig: Record<string, Record<string, unknown>>;
    CorsConfig?: { AccessControlAllowOrigins: { Items: string[] } };
    CustomHeadersConfig?: { Items: { Header: string; Value: string }[] };
  }
  const headersOf = (template: SynthesizedTemplate, path: string | undefined): HeadersConfig => {
    const { CacheBehaviors, DefaultCacheBehavior } = configOf(template);
    const behavior = CacheBehaviors.find((one) => one.PathPattern === path) ?? DefaultCacheBehavior;
    const policy = template.Resources[behavior.ResponseHeadersPolicyId.Ref];
    return policy?.Properties.ResponseHeadersPolicyConfig as HeadersConfig;
  };

  test.each(['/v1/*', '/public-api/*', '/api/*', '/images/*', undefined])(
    '%s: HTTPS for two years, no sniffing',
    (path) => {
      const { SecurityHeadersConfig: headers } = headersOf(service, path);
      expect(headers.StrictTransportSecurity).toMatchObject({ AccessControlMaxAgeSec: 63_072_000, Override: true });
      expect(headers.ContentTypeOptions).toEqual({ Override: true });
    },
  );

  test('the console runs its own scripts only and is framed by nobody', () => {
    const headers = headersOf(service, undefined).SecurityHeadersConfig;
    const policy = String(headers.ContentSecurityPolicy?.ContentSecurityPolicy);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("style-src 'self' 'unsafe-inline'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers.FrameOptions).toMatchObject({ FrameOption: 'DENY' });
  });

  test('media can be shown by any page and can run nothing', () => {
    const headers = headersOf(service, '/images/*');
    expect(headers.SecurityHeadersConfig.ContentSecurityPolicy?.ContentSecurityPolicy).toMatch(/^sandbox;/);
    expect(headers.CustomHeadersConfig?.Items).toContainEqual({
      Header: 'Cross-Origin-Resource-Policy',
      Value: 'cross-origin',
      Override: true,
    });
  });

  test('say nothing about other origins: the relay does, by a setting at run time', () => {
    for (const path of ['/v1/*', '/public-api/*', '/api/*', '/images/*', undefined]) {
      expect(headersOf(service, path)).not.toHaveProperty('CorsConfig');
    }
  });
});

describe('the console', () => {
  const deployments = resourcesOf(service, 'Custom::CDKBucketDeployment').map(([, one]) => one.Properties);

  test('is copied with hashed files cached for ever and pages asked for each time', () => {
    const rules = deployments.map((one) => [
      one.DestinationBucketKeyPrefix,
      (one.SystemMetadata as Record<string, string>)['cache-control'],
      one.Prune,
    ]);
    expect(rules).toEqual([
      ['assets', 'public, max-age=31536000, immutable', false],
      [undefined, 'no-cache', false],
    ]);
  });
});
