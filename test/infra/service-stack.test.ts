import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  actionsOf,
  functionsByName,
  resourcesOf,
  statementsOf,
  synthesize,
  type Resource,
} from './support/synthesize.ts';

const { service } = synthesize({ domainName: 'llm.example.com', certificateArn: certificate() });
const functions = functionsByName(service);

function certificate(): string {
  return 'arn:aws:acm:us-east-1:111122223333:certificate/8f2b4c1e-0000-4000-8000-000000000000';
}

function logGroupOf(resource: Resource): Resource | undefined {
  const { LogGroup } = (resource.Properties.LoggingConfig ?? {}) as { LogGroup?: { Ref: string } };
  return LogGroup === undefined ? undefined : service.Resources[LogGroup.Ref];
}

describe('functions', () => {
  test('are the ones of this version, each under its name', () => {
    expect([...functions.keys()].toSorted()).toEqual([
      'admin',
      'check-credentials',
      'evaluate-alerts',
      'expire-media',
      'media-jobs',
      'migrate-data',
      'recover-quotas',
      'refresh-credentials',
      'relay',
      'replay-usage',
      'reseal-credentials',
      'roll-up-usage',
      'sweep-holds',
      'sweep-jobs',
      'vault',
    ]);
  });

  test.each(resourcesOf(service, 'AWS::Lambda::Function'))(
    '%s ends in time and its log is kept for a time',
    (_, resource) => {
      expect(resource.Properties.Timeout).toBeGreaterThan(3);
      expect(resource.Properties.Timeout).toBeLessThanOrEqual(900);
      expect(logGroupOf(resource)?.Properties.RetentionInDays).toBe(30);
    },
  );

  test.each([...functions])('%s has the house defaults', (_, resource) => {
    expect(resource.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON' },
    });
    expect(resource.Properties.MemorySize).toBeGreaterThanOrEqual(256);
    expect(resource.Properties).not.toHaveProperty('FunctionName');
  });

  test.each([...functions])('%s writes to its own log group only', (_, resource) => {
    const writable = statementsOf(service, resource.Properties.Role)
      .filter((statement) => actionsOf(statement).includes('logs:PutLogEvents'))
      .map((statement) => statement.Resource);
    const { LogGroup } = resource.Properties.LoggingConfig as { LogGroup: { Ref: string } };
    expect(writable).toEqual([{ 'Fn::GetAtt': [LogGroup.Ref, 'Arn'] }]);
  });

  test('no two share a role', () => {
    const roles = [...functions.values()].map((resource) => JSON.stringify(resource.Properties.Role));
    expect(new Set(roles).size).toBe(roles.length);
  });

  test('all but the relay take the shared layer, of which there is one', () => {
    const withLayer = [...functions].filter(([, resource]) => resource.Properties.Layers !== undefined);
    expect(withLayer.map(([name]) => name).toSorted()).toEqual([
      'admin',
      'check-credentials',
      'evaluate-alerts',
      'expire-media',
      'migrate-data',
      'recover-quotas',
      'refresh-credentials',
      'replay-usage',
      'reseal-credentials',
      'roll-up-usage',
      'sweep-holds',
      'sweep-jobs',
      'vault',
    ]);
    expect(new Set(withLayer.map(([, resource]) => JSON.stringify(resource.Properties.Layers))).size).toBe(1);
  });

  test('no environment holds a domain name, although the stage has one', () => {
    const environments = JSON.stringify([...functions.values()].map((resource) => resource.Properties.Environment));
    expect(environments).not.toMatch(/llm\.example\.com|cloudfront\.net|DomainName|on\.aws|FunctionUrl/);
  });

  test('every environment holds the build that it was deployed from', () => {
    for (const resource of functions.values()) {
      expect(resource.Properties.Environment).toMatchObject({ Variables: { BUILD_ID: 'local' } });
    }
  });
});

test('relay, admin and vault have streaming addresses, nothing else has one', () => {
  const urls = resourcesOf(service, 'AWS::Lambda::Url').map(([, url]) => {
    const target = (url.Properties.TargetFunctionArn as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
    return [service.Resources[target]?.Metadata?.['sluice:name'], url.Properties.AuthType, url.Properties.InvokeMode];
  });
  expect(urls.toSorted()).toEqual([
    ['admin', 'NONE', 'RESPONSE_STREAM'],
    ['relay', 'NONE', 'RESPONSE_STREAM'],
    ['vault', 'NONE', 'RESPONSE_STREAM'],
  ]);
});

describe('buckets', () => {
  test.each(resourcesOf(service, 'AWS::S3::Bucket'))('%s is closed to the public, encrypted, kept', (_, bucket) => {
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket.Properties.BucketEncryption).toBeDefined();
    expect(bucket.Properties).not.toHaveProperty('BucketName');
    expect(bucket.DeletionPolicy).toBe('Retain');
  });

  test.each(resourcesOf(service, 'AWS::S3::BucketPolicy'))(
    '%s lets services in by name and nobody without TLS',
    (_, policy) => {
      const { Statement: statements } = policy.Properties.PolicyDocument as {
        Statement: { Effect: string; Principal: unknown; Condition?: object }[];
      };
      const [refusal] = statements.filter((statement) => statement.Effect === 'Deny');
      expect(refusal?.Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
      for (const statement of statements.filter((one) => one.Effect === 'Allow')) {
        expect(statement.Principal).toEqual({
          Service: expect.stringMatching(/^(cloudfront|delivery\.logs|logging\.s3)\.amazonaws\.com$/),
        });
        expect(statement.Condition).toBeDefined();
      }
    },
  );

  test('media are gone after two days even if the sweep never ran', () => {
    const media = resourcesOf(service, 'AWS::S3::Bucket').find(([id]) => id.startsWith('BucketsMedia'));
    const rules = (media?.[1].Properties.LifecycleConfiguration as { Rules: object[] } | undefined)?.Rules;
    const rule = (Prefix: string) => expect.objectContaining({ Prefix, ExpirationInDays: 2, Status: 'Enabled' });
    expect(rules).toEqual([rule('images/'), rule('uploads/'), rule('jobs/')]);
  });

  test('media may be sent by pages of any origin and read by none', () => {
    const media = resourcesOf(service, 'AWS::S3::Bucket').find(([id]) => id.startsWith('BucketsMedia'));
    const cors = media?.[1].Properties.CorsConfiguration as { CorsRules: object[] } | undefined;
    expect(cors?.CorsRules).toEqual([
      expect.objectContaining({ AllowedMethods: ['PUT', 'POST'], AllowedOrigins: ['*'] }),
    ]);
  });
});

describe('schedules', () => {
  const schedules = resourcesOf(service, 'AWS::Scheduler::Schedule');

  test('tick as written', () => {
    expect(schedules.map(([, one]) => [one.Metadata?.['sluice:name'], one.Properties.ScheduleExpression])).toEqual([
      ['sweep-holds', 'rate(5 minutes)'],
      ['roll-up-usage', 'rate(5 minutes)'],
      ['refresh-credentials', 'rate(1 minute)'],
      ['check-credentials', 'rate(10 minutes)'],
      ['recover-quotas', 'rate(20 minutes)'],
      ['evaluate-alerts', 'rate(2 minutes)'],
      ['expire-media', 'rate(30 minutes)'],
      ['sweep-jobs', 'rate(1 minute)'],
    ]);
  });

  test.each(schedules)('%s never repeats a tick and leaves a trace of one that failed', (_, schedule) => {
    const target = schedule.Properties.Target as {
      RetryPolicy: { MaximumRetryAttempts: number; MaximumEventAgeInSeconds: number };
      DeadLetterConfig: unknown;
      Input: string;
    };
    expect(target.RetryPolicy.MaximumRetryAttempts).toBe(0);
    expect(target.RetryPolicy.MaximumEventAgeInSeconds).toBeLessThanOrEqual(300);
    expect(target.DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': [expect.stringContaining('Failures'), 'Arn'] } });
    expect(target.Input).toBe('{}');
  });

  test('every timed function gives up after one try and reports to the same queue', () => {
    const configured = resourcesOf(service, 'AWS::Lambda::EventInvokeConfig').map(([, config]) => {
      expect(config.Properties.MaximumRetryAttempts).toBe(0);
      expect(config.Properties.DestinationConfig).toEqual({
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('Failures'), 'Arn'] } },
      });
      return service.Resources[(config.Properties.FunctionName as { Ref: string }).Ref]?.Metadata?.['sluice:name'];
    });
    expect(configured.toSorted()).toEqual([
      'check-credentials',
      'evaluate-alerts',
      'expire-media',
      'media-jobs',
      'migrate-data',
      'recover-quotas',
      'refresh-credentials',
      'replay-usage',
      'reseal-credentials',
      'roll-up-usage',
      'sweep-holds',
      'sweep-jobs',
    ]);
  });

  test('a tick outlives no tick: each function ends before the next', () => {
    expect(functions.get('sweep-holds')?.Properties.Timeout).toBeLessThan(300);
    expect(functions.get('roll-up-usage')?.Properties.Timeout).toBeLessThan(300);
    expect(functions.get('evaluate-alerts')?.Properties.Timeout).toBeLessThan(120);
  });
});

describe('alarms', () => {
  const alarms = resourcesOf(service, 'AWS::CloudWatch::Alarm').map(([, alarm]) => alarm.Properties);
  const runbook = existsSync('docs/runbook.md') ? readFileSync('docs/runbook.md', 'utf8') : '';

  test('each points at its own heading in the runbook', () => {
    const headings = alarms.map((alarm) => /docs\/runbook\.md#(\w+)$/.exec(String(alarm.AlarmDescription))?.[1]);
    const written = [...runbook.matchAll(/^## (\w+)$/gm)].map((match) => match[1]!.toLowerCase());
    expect(headings.toSorted()).toEqual(written.toSorted());
  });

  test('watch what is refused for a wrong origin secret, in all three functions', () => {
    const filters = resourcesOf(service, 'AWS::Logs::MetricFilter');
    const refused = filters.filter(([, one]) => String(one.Properties.FilterPattern).includes('origin_refused'));
    expect(refused).toHaveLength(3);
    expect(alarms.map((alarm) => alarm.MetricName)).toContain('WrongOriginSecret');
  });

  test('reach somebody when the stage names an address', () => {
    const { service: watched } = synthesize({ alarmEmail: 'ops@example.com' });
    expect(resourcesOf(watched, 'AWS::SNS::Subscription')[0]?.[1].Properties.Endpoint).toBe('ops@example.com');
    for (const [, alarm] of resourcesOf(watched, 'AWS::CloudWatch::Alarm')) {
      expect(alarm.Properties.AlarmActions).toHaveLength(1);
    }
  });
});

test('cost fuses bind when the stage sets them, and only then', () => {
  const { service: fused } = synthesize({ relayConcurrency: '50' });
  expect(functionsByName(fused).get('relay')?.Properties.ReservedConcurrentExecutions).toBe(50);
  expect(functions.get('relay')?.Properties).not.toHaveProperty('ReservedConcurrentExecutions');
});

describe('Bedrock', () => {
  const actions = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
  const bedrockOf = (template: typeof service): unknown[] =>
    statementsOf(template, functionsByName(template).get('relay')?.Properties.Role).filter((statement) =>
      actionsOf(statement).some((action) => action.startsWith('bedrock:')),
    );

  test('may be called by the relay for the models that are named, and for no others', () => {
    const arn = 'arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-x-v1:0';
    const { service: named } = synthesize({ bedrockModels: `${arn}, ${arn}` });
    expect(bedrockOf(named)).toEqual([expect.objectContaining({ Action: actions, Resource: expect.anything() })]);
    expect(JSON.stringify(bedrockOf(named))).toContain(arn);
    expect(JSON.stringify(bedrockOf(named))).not.toContain('"*"');
  });

  test('may not be called where none is named', () => {
    expect(bedrockOf(service)).toEqual([]);
  });

  test('models must be named by their ARNs', () => {
    expect(() => synthesize({ bedrockModels: '*' })).toThrow('bedrockModels');
  });
});
