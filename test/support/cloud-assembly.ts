import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

type Resources = Record<string, Record<string, unknown>>;

export interface AssemblyStack {
  readonly template: Record<string, unknown> & { Resources: Resources };
  readonly dependencies?: readonly string[];
}

/** Writes a cloud assembly as `cdk synth` would: stacks by name, assets by hash with their files. */
export function writeAssembly(facts: {
  stacks: Record<string, AssemblyStack>;
  assets?: Record<string, Record<string, string>>;
}): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-assembly-'));
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  const artifacts: Record<string, unknown> = {};
  const files: Record<string, unknown> = {};
  for (const [hash, content] of Object.entries(facts.assets ?? {})) {
    for (const [path, text] of Object.entries(content)) write(`asset.${hash}/${path}`, text);
    const destination = { bucketName: 'cdk-assets', objectKey: `${hash}.zip` };
    files[hash] = { source: { path: `asset.${hash}`, packaging: 'zip' }, destinations: { here: destination } };
  }
  for (const [name, stack] of Object.entries(facts.stacks)) {
    write(`${name}.template.json`, JSON.stringify(stack.template));
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
      dependencies: stack.dependencies ?? [],
    };
  }
  write('all.assets.json', JSON.stringify({ files }));
  artifacts['all.assets'] = { type: 'cdk:asset-manifest', properties: { file: 'all.assets.json' } };
  write('manifest.json', JSON.stringify({ version: '55.0.0', artifacts }));
  return directory;
}

const code = (hash: string) => ({
  S3Bucket: { 'Fn::Sub': 'cdk-assets-${AWS::AccountId}' },
  S3Key: `${hash}.zip`,
});

function functionResource(name: string, hash: string, more: Record<string, unknown> = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Metadata: { 'sluice:name': name },
    Properties: {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 5,
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: code(hash),
      ...more,
    },
  };
}

/** A function's address, and the two rights by which anybody may call it. */
function urlResources(logicalId: string) {
  const arn = { 'Fn::GetAtt': [logicalId, 'Arn'] };
  const permission = (more: object) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { FunctionName: arn, Principal: '*', ...more },
  });
  return {
    [`${logicalId}Url`]: {
      Type: 'AWS::Lambda::Url',
      Properties: { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM', TargetFunctionArn: arn },
    },
    [`${logicalId}UrlIsOpen`]: permission({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
    [`${logicalId}IsOpen`]: permission({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
  };
}

/** What the fixture's functions run with; `Policies` as in the template. */
function roleResource(policies: readonly object[]) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
      ManagedPolicyArns: [
        {
          'Fn::Join': [
            '',
            ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
          ],
        },
      ],
      Policies: policies,
    },
  };
}

const WEB_FILES = { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Web', 'Arn'] }, '/*']] };

/** The CDN reads the files and may not list them; the deployment writes them. */
const WEB_RIGHTS = {
  WebPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Web' },
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 's3:GetObject',
            Principal: { Service: 'cloudfront.amazonaws.com' },
            Resource: WEB_FILES,
            Condition: {
              StringEquals: {
                'AWS:SourceArn': { 'Fn::Sub': 'arn:aws:cloudfront::${AWS::AccountId}:distribution/${Cdn}' },
              },
            },
          },
        ],
      },
    },
  },
  CustomDeployment: {
    Type: 'AWS::Lambda::Function',
    Properties: { Role: { 'Fn::GetAtt': ['DeploymentRole', 'Arn'] } },
  },
  DeploymentRole: roleResource([
    { PolicyDocument: { Statement: { Effect: 'Allow', Action: ['s3:PutObject'], Resource: WEB_FILES } } },
  ]),
};

const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_BUT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'];

function behavior(targetOriginId: string, more: Record<string, unknown> = {}) {
  return {
    TargetOriginId: targetOriginId,
    CachePolicyId: CACHING_DISABLED,
    OriginRequestPolicyId: ALL_BUT_HOST,
    AllowedMethods: METHODS,
    ViewerProtocolPolicy: 'https-only',
    FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': ['Edge', 'FunctionARN'] } }],
    ...more,
  };
}

function functionOrigin(id: string, urlId: string) {
  return {
    Id: id,
    DomainName: { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [urlId, 'FunctionUrl'] }] }] },
    CustomOriginConfig: { OriginReadTimeout: 2 },
    OriginCustomHeaders: [
      {
        HeaderName: 'x-origin-secret',
        HeaderValue: {
          'Fn::Join': [
            '',
            [
              '{{resolve:secretsmanager:',
              { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'Origin' } },
              ':SecretString:current::}}',
            ],
          ],
        },
      },
    ],
  };
}

/** The admin of the fixture: as much of the API as a start needs, kept in memory. */
const ADMIN = `
import { name } from '@sluice/kit/name';
let imports = 0;
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const answer = (statusCode, value) => {
    const out = awslambda.HttpResponseStream.from(stream, { statusCode, headers: { 'content-type': 'application/json' } });
    out.write(JSON.stringify(value));
    out.end();
  };
  const body = event.body ? JSON.parse(event.body) : undefined;
  if (event.rawPath === '/health') return answer(200, { ok: true, name, imports });
  if (event.rawPath === '/api/auth/login') return answer(200, { access_token: body.username + ':' + body.password });
  if (event.rawPath === '/api/keys') return answer(200, { success: true, data: { key: 'sk-demo-0123456789' } });
  if (event.rawPath !== '/api/admin/import') return answer(404, { success: false });
  if (body.version !== 1) {
    return answer(400, { success: false, error: 'no', errors: [{ path: 'version', message: 'Expected 1' }] });
  }
  imports += 1;
  answer(200, { success: true, data: { warnings: imports > 1 ? ['a model without routes'] : [] } });
});`;

/** The relay of the fixture: says what it sees, streams, fails and exits on request. */
const RELAY = `
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const path = event.rawPath;
  if (path === '/v1/throw') throw new Error('before the first byte');
  if (path === '/v1/exit') process.exit(7);
  const out = awslambda.HttpResponseStream.from(stream, {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'x-pid': String(process.pid) },
    cookies: ['a=1; Path=/', 'b=2'],
  });
  if (path === '/v1/late') { out.write('first'); throw new Error('after the first byte'); }
  if (path === '/v1/head') { out.write(''); await new Promise((done) => setTimeout(done, 300)); }
  out.write(JSON.stringify({ event, environment: process.env, now: Date.now(), date: new Date().toISOString() }));
  out.end();
});`;

const SERVER = `
import { createServer as create } from 'node:http';
export const createServer = async () => create((request, response) => response.end('plain ' + request.headers['x-origin-secret']?.length));`;

const MIGRATION = `
import { appendFileSync } from 'node:fs';
export const handler = async () => {
  if (process.env.FAIL_MIGRATION === 'yes') throw new Error('the item u1 has no name');
  appendFileSync(process.env.LAMBDA_TASK_ROOT + '/../../migrated', 'once\\n');
  return { migrated: 1 };
};`;

const EDGE = `
function handler(event) {
  const request = event.request;
  if (request.uri === '/v1/edge') return { statusCode: 418, headers: { 'x-now': { value: String(Date.now()) } }, body: 'edge' };
  if (request.uri === '/page') request.uri = '/index.html';
  request.headers['x-viewer'] = { value: event.viewer.ip };
  return request;
}`;

const generate = (key: string, template: unknown) => ({
  Type: 'AWS::SecretsManager::Secret',
  Properties: {
    GenerateSecretString: {
      SecretStringTemplate: JSON.stringify(template),
      GenerateStringKey: key,
      PasswordLength: 24,
      ExcludePunctuation: true,
    },
  },
});

const environment = (variables: Record<string, unknown>) => ({ Environment: { Variables: variables } });

/** A small product with the shape of ours: relay, admin, migration, console, one distribution over all. */
export function writeFixtureAssembly(
  facts: { dataVersion?: number; migrationFails?: boolean; resources?: Resources } = {},
): string {
  const data = {
    Metadata: { 'sluice:dataVersion': facts.dataVersion ?? 1 },
    Resources: {
      Things: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
          Replicas: [{ Region: { Ref: 'AWS::Region' } }],
        },
      },
      OriginSecret: generate('current', { previous: '' }),
      AdminSecret: generate('password', { username: 'admin' }),
    },
    Outputs: {
      Origin: { Value: { Ref: 'OriginSecret' } },
      Admin: { Value: { Ref: 'AdminSecret' }, Export: { Name: 'admin-secret' } },
      Things: { Value: { Ref: 'Things' }, Export: { Name: 'things' } },
    },
  };
  const service = {
    Resources: {
      Layer: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: code('layer') } },
      Role: roleResource([]),
      Relay: functionResource('relay', 'relay', environment({ TABLE: { 'Fn::ImportValue': 'things' } })),
      ...urlResources('Relay'),
      Admin: functionResource('admin', 'admin', {
        ...environment({ BOOTSTRAP_ADMIN_SECRET: { 'Fn::ImportValue': 'admin-secret' } }),
        Layers: [{ Ref: 'Layer' }],
      }),
      ...urlResources('Admin'),
      Migrate: functionResource(
        'migrate-data',
        'migrate',
        environment({ FAIL_MIGRATION: facts.migrationFails ? 'yes' : 'no' }),
      ),
      Web: { Type: 'AWS::S3::Bucket', Properties: {} },
      ...WEB_RIGHTS,
      Pages: {
        Type: 'Custom::CDKBucketDeployment',
        Properties: {
          ServiceToken: { 'Fn::GetAtt': ['CustomDeployment', 'Arn'] },
          SourceObjectKeys: ['web.zip'],
          SourceMarkers: [{ '<<marker:0>>': { Ref: 'AWS::Region' } }],
          DestinationBucketName: { Ref: 'Web' },
          SystemMetadata: { 'cache-control': 'no-cache' },
        },
      },
      Edge: { Type: 'AWS::CloudFront::Function', Properties: { FunctionCode: EDGE } },
      Headers: {
        Type: 'AWS::CloudFront::ResponseHeadersPolicy',
        Properties: {
          ResponseHeadersPolicyConfig: {
            SecurityHeadersConfig: { FrameOptions: { FrameOption: 'DENY', Override: true } },
          },
        },
      },
      Cdn: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            DefaultRootObject: 'index.html',
            CacheBehaviors: [
              behavior('relay', { PathPattern: '/v1/*' }),
              behavior('admin', { PathPattern: '/api/*' }),
              behavior('admin', { PathPattern: '/health' }),
            ],
            DefaultCacheBehavior: {
              ...behavior('web', { AllowedMethods: ['GET', 'HEAD'], ResponseHeadersPolicyId: { Ref: 'Headers' } }),
              OriginRequestPolicyId: undefined,
            },
            Origins: [
              functionOrigin('relay', 'RelayUrl'),
              functionOrigin('admin', 'AdminUrl'),
              {
                Id: 'web',
                DomainName: { 'Fn::GetAtt': ['Web', 'RegionalDomainName'] },
                S3OriginConfig: {},
                OriginAccessControlId: 'signed',
              },
            ],
          },
        },
      },
      ...facts.resources,
    },
  };
  return writeAssembly({
    stacks: { service: { template: service, dependencies: ['data'] }, data: { template: data } },
    assets: {
      relay: { 'index.mjs': RELAY, 'server.mjs': SERVER },
      admin: { 'index.mjs': ADMIN },
      migrate: { 'index.mjs': MIGRATION },
      layer: {
        'nodejs/node_modules/@sluice/kit/package.json': '{"type":"module","exports":{"./*":"./*.js"}}',
        'nodejs/node_modules/@sluice/kit/name.js': "export const name = 'from the layer';",
      },
      web: { 'index.html': '<p><<marker:0>></p>', 'assets/a.js': '1' },
    },
  });
}
