import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readCloudAssembly } from '../../../../infra/local/cloud-assembly.ts';
import { createAccessControl } from '../../../../infra/local/permissions/access.ts';
import { listGrants } from '../../../../infra/local/permissions/grants.ts';
import { readAccessRules } from '../../../../infra/local/permissions/read-rules.ts';
import { requireServiceCalls } from '../../../../infra/local/permissions/service-calls.ts';
import { readTemplate } from '../../../../infra/local/template.ts';
import { writeFixtureAssembly } from '../../../support/cloud-assembly.ts';

const directories: string[] = [];
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

const PLACE = { region: 'us-east-1', accountId: '000000000000' };

type Resources = Parameters<typeof writeFixtureAssembly>[0] extends { resources?: infer R } | undefined ? R : never;

function read(resources: Resources) {
  const directory = writeFixtureAssembly({ resources });
  directories.push(directory);
  const template = readTemplate({ assembly: readCloudAssembly(directory), ...PLACE, secretString: () => undefined });
  return { template, rules: readAccessRules({ template, ...PLACE }) };
}

/** As a start does: reads the rules and tries what AWS's services do with the roles. */
function start(resources: Resources): void {
  const { template, rules } = read(resources);
  const access = createAccessControl({ operators: [] });
  access.load(rules);
  requireServiceCalls({ template, access, ...PLACE });
}

const policy = (statement: object, more: object = {}) => ({
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyDocument: { Statement: [statement] }, Roles: [{ Ref: 'Role' }], ...more },
});

const trusting = (Service: string, more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service }, ...more },
    },
  },
});

const schedule = (role: string, more: object = {}) => ({
  Type: 'AWS::Scheduler::Schedule',
  Metadata: { 'sluice:name': 'tick' },
  Properties: {
    ScheduleExpression: 'rate(5 minutes)',
    Target: { Arn: { 'Fn::GetAtt': ['Migrate', 'Arn'] }, RoleArn: { 'Fn::GetAtt': [role, 'Arn'] }, ...more },
  },
});

const READ = {
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/data-Things',
};

describe('the rules of a template', () => {
  test('gather what a role may do from all its policies, for each function that runs with it', () => {
    const managed = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        PolicyDocument: { Statement: [{ ...READ, Action: 'dynamodb:PutItem' }] },
        Roles: [{ Ref: 'Role' }],
      },
    };
    const grants = listGrants(read({ Attached: policy(READ), Managed: managed }).rules);
    expect(grants.filter((line) => line.startsWith('relay\t'))).toEqual([
      'relay\tdynamodb:GetItem\ttable/data-Things',
      'relay\tdynamodb:PutItem\ttable/data-Things',
      'relay\tlogs:CreateLogGroup\t*',
      'relay\tlogs:CreateLogStream\t*',
      'relay\tlogs:PutLogEvents\t*',
    ]);
    expect(grants).toContain('CustomDeployment\ts3:PutObject\ts3:service-web/*');
    expect(grants).toContain(
      'cloudfront.amazonaws.com\ts3:GetObject\ts3:service-web/* where aws:sourcearn is distribution/service-Cdn',
    );
  });

  test('give each function an access key id of its own', () => {
    const ids = read({}).rules.identities.map(({ accessKeyId }) => accessKeyId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a start', () => {
  test('is fine when the services may do what they do', () => {
    const queue = { Type: 'AWS::SQS::Queue', Properties: {} };
    const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
    start({
      Failures: queue,
      Sending: policy({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arn('Failures') }),
      Async: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'Migrate' },
          DestinationConfig: { OnFailure: { Destination: arn('Failures') } },
        },
      },
      TickRole: trusting('scheduler.amazonaws.com', {
        Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
      }),
      TickPolicy: policy(
        {
          Effect: 'Allow',
          Action: ['lambda:InvokeFunction', 'sqs:SendMessage'],
          Resource: [arn('Migrate'), arn('Failures')],
        },
        { Roles: [{ Ref: 'TickRole' }] },
      ),
      Tick: schedule('TickRole', { DeadLetterConfig: { Arn: arn('Failures') } }),
    });
  });

  test.each<[string, RegExp, Resources]>([
    [
      'a schedule that may not invoke its function',
      /schedule tick could not tick: its role does not allow lambda:InvokeFunction on \S+Migrate/,
      { TickRole: trusting('scheduler.amazonaws.com'), Tick: schedule('TickRole') },
    ],
    [
      'a schedule whose role trusts another service',
      /schedule tick cannot run: its role service-TickRole does not trust scheduler/,
      { TickRole: trusting('lambda.amazonaws.com'), Tick: schedule('TickRole') },
    ],
    [
      'a schedule whose role trusts another account',
      /does not trust scheduler/,
      {
        TickRole: trusting('scheduler.amazonaws.com', {
          Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
        }),
        Tick: schedule('TickRole'),
      },
    ],
    [
      'failures that may not be sent on',
      /What becomes of migrate-data could not be sent on: its role does not allow sqs:SendMessage/,
      {
        Async: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Migrate' },
            DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:q' } },
          },
        },
      },
    ],
    [
      'a function that may not write its log',
      /relay could not write its log: its role does not allow logs:CreateLogStream/,
      { Role: trusting('lambda.amazonaws.com') },
    ],
    [
      'a function URL that lets nobody in',
      /function URL of relay lets nobody in: no permission for lambda:InvokeFunction to everybody/,
      { RelayIsOpen: { Type: 'AWS::Lambda::Permission', Properties: {} } },
    ],
    [
      'a statement by exception',
      /Attached \(statement 1\) uses NotAction/,
      { Attached: policy({ ...READ, NotAction: 'a:B' }) },
    ],
    [
      'a boundary',
      /service\/Bound uses PermissionsBoundary/,
      {
        Bound: {
          Type: 'AWS::IAM::Role',
          Properties: { PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
        },
      },
    ],
    [
      'a managed policy of AWS that it does not know',
      /managed policy arn:aws:iam::aws:policy\/AdministratorAccess/,
      {
        Mighty: {
          Type: 'AWS::IAM::Role',
          Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
        },
      },
    ],
    ['a policy for users', /service\/Attached uses Users/, { Attached: policy(READ, { Users: ['somebody'] }) }],
    [
      'a policy at a table',
      /service\/More uses ResourcePolicy/,
      {
        More: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: { Replicas: [{ Region: 'us-east-1', ResourcePolicy: { PolicyDocument: {} } }] },
        },
      },
    ],
  ])('stops at %s', (_what, sentence, resources) => {
    expect(() => start(resources)).toThrow(sentence);
  });
});
