import { expect, test } from '@jest/globals';
import { functionsByName, resourcesOf, synthesize, type Resource } from './support/synthesize.ts';

/** What we mean the stack to be and no rule pack asks for; in loops, so that what is added later is asked too. */

const { data, service } = synthesize();
const functions = functionsByName(service);

function getAtt(value: unknown): [string, string] | undefined {
  return (value as { 'Fn::GetAtt'?: [string, string] } | undefined)?.['Fn::GetAtt'];
}

function nameOf(logicalId: string): unknown {
  return service.Resources[logicalId]?.Metadata?.['sluice:name'];
}

test('every table is recoverable to any second and protected from deletion, in every region', () => {
  const tables = resourcesOf(data, 'AWS::DynamoDB::GlobalTable');
  expect(tables).toHaveLength(5);
  const bare = tables.filter(([, table]) => {
    const replicas = table.Properties.Replicas as {
      DeletionProtectionEnabled?: boolean;
      PointInTimeRecoverySpecification?: { PointInTimeRecoveryEnabled?: boolean };
    }[];
    return (
      replicas.length === 0 ||
      replicas.some(
        (one) =>
          one.DeletionProtectionEnabled !== true ||
          one.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled !== true,
      )
    );
  });
  expect(bare.map(([id]) => id)).toEqual([]);
  // A table of the older type would go unseen here.
  for (const template of [data, service]) expect(resourcesOf(template, 'AWS::DynamoDB::Table')).toEqual([]);
});

test('every public function URL asks for the origin secret, and the CDN sends it to each', () => {
  const distribution = resourcesOf(service, 'AWS::CloudFront::Distribution')[0]?.[1] as Resource;
  const { Origins: origins } = distribution.Properties.DistributionConfig as {
    Origins: { DomainName: unknown; OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[] }[];
  };
  const urls = resourcesOf(service, 'AWS::Lambda::Url');
  expect(urls.length).toBeGreaterThan(0);
  for (const [id, url] of urls) {
    const target = getAtt(url.Properties.TargetFunctionArn)?.[0] ?? '';
    const environment = service.Resources[target]?.Properties.Environment as { Variables: Record<string, unknown> };
    const variables = environment.Variables;
    const origin = origins.find(({ DomainName }) => JSON.stringify(DomainName).includes(`"${id}"`));
    const header = origin?.OriginCustomHeaders?.find(({ HeaderName }) => HeaderName === 'x-sluice-origin-secret');
    expect([nameOf(target), Object.keys(variables)]).toEqual([
      nameOf(target),
      expect.arrayContaining(['ORIGIN_SECRET']),
    ]);
    // The very secret that the function reads, as a reference that is resolved at deploy.
    const imported = JSON.stringify(variables.ORIGIN_SECRET);
    expect(JSON.stringify(header?.HeaderValue)).toContain(imported);
    expect(JSON.stringify(header?.HeaderValue)).toContain('resolve:secretsmanager:');
  }
});

test('whoever may call a function without its URL is named, and whoever may call all is let in by URL only', () => {
  for (const [, permission] of resourcesOf(service, 'AWS::Lambda::Permission')) {
    const target = getAtt(permission.Properties.FunctionName)?.[0] ?? '';
    expect(permission.Properties.Principal).toBe('*');
    expect(
      permission.Properties.FunctionUrlAuthType === 'NONE' || permission.Properties.InvokedViaFunctionUrl === true,
    ).toBe(true);
    expect(['relay', 'admin', 'vault']).toContain(nameOf(target));
  }
});

test('every log is forgotten in time, and no function writes to a log that nobody made', () => {
  const groups = resourcesOf(service, 'AWS::Logs::LogGroup');
  expect(groups.filter(([, group]) => !(Number(group.Properties.RetentionInDays) > 0)).map(([id]) => id)).toEqual([]);
  for (const [id, resource] of resourcesOf(service, 'AWS::Lambda::Function')) {
    const { LogGroup } = (resource.Properties.LoggingConfig ?? {}) as { LogGroup?: { Ref: string } };
    expect([id, groups.map(([group]) => group)]).toEqual([id, expect.arrayContaining([LogGroup?.Ref])]);
  }
  // Access logs are objects: a bucket that logs end in forgets them, too.
  const logs = resourcesOf(service, 'AWS::S3::Bucket').find(([id]) => id.startsWith('BucketsLogs'));
  expect(logs?.[1].Properties.LifecycleConfiguration).toMatchObject({
    Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }],
  });
});

test('every schedule and every function that is called without waiting leaves its failures in a queue', () => {
  const queue = { 'Fn::GetAtt': [expect.stringMatching(/Failures/), 'Arn'] };
  for (const [id, schedule] of resourcesOf(service, 'AWS::Scheduler::Schedule')) {
    expect([id, (schedule.Properties.Target as { DeadLetterConfig?: unknown }).DeadLetterConfig]).toEqual([
      id,
      { Arn: queue },
    ]);
  }
  const configured = new Map(
    resourcesOf(service, 'AWS::Lambda::EventInvokeConfig').map(([, config]) => [
      nameOf((config.Properties.FunctionName as { Ref: string }).Ref),
      config.Properties.DestinationConfig,
    ]),
  );
  // Without a URL a function is only called by Scheduler or by hand.
  const open = new Set(
    resourcesOf(service, 'AWS::Lambda::Url').map(([, url]) =>
      nameOf(getAtt(url.Properties.TargetFunctionArn)?.[0] ?? ''),
    ),
  );
  const quiet = [...functions.keys()].filter((name) => !open.has(name));
  expect(quiet.length).toBeGreaterThan(0);
  for (const name of quiet) {
    expect([name, configured.get(name)]).toEqual([name, { OnFailure: { Destination: queue } }]);
  }
});

test('no access log holds query strings, cookies, referrers or headers that may carry a key', () => {
  const [, distribution] = resourcesOf(service, 'AWS::CloudFront::Distribution')[0] ?? [];
  const config = distribution?.Properties.DistributionConfig as Record<string, unknown>;
  // The older logging always writes query strings; real-time logs would be another place for them.
  expect(config).not.toHaveProperty('Logging');
  const behaviors = [config['DefaultCacheBehavior'], ...(config['CacheBehaviors'] as object[])] as object[];
  for (const behavior of behaviors) expect(behavior).not.toHaveProperty('RealtimeLogConfigArn');
  const deliveries = resourcesOf(service, 'AWS::Logs::Delivery');
  expect(deliveries).toHaveLength(1);
  for (const [, delivery] of deliveries) {
    const fields = delivery.Properties.RecordFields as string[];
    expect(fields.length).toBeGreaterThan(10);
    expect(fields.filter((field) => /query|cookie|referer|header/i.test(field) && field !== 'x-host-header')).toEqual(
      [],
    );
  }
});
