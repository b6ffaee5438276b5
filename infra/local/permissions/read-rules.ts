import { accessKeyIdFor } from '../function-environment.ts';
import { listAt, objectAt, textAt } from '../json.ts';
import { StartError } from '../start-error.ts';
import type { Resource, Template } from '../template.ts';
import { readPolicyDocument } from './policy-document.ts';
import { readRoles, refuseTablePolicies, requireRole, type Role } from './roles.ts';
import type { AccessRules, Identity, Statement } from './rules.ts';

export interface RulesOptions {
  readonly template: Template;
  readonly region: string;
  readonly accountId: string;
}

type RoleOf = (user: string, roleArn: string, service: string) => Role;

/** Who calls AWS in this stack, and what each may do. @throws StartError naming what is missing or not modelled */
export function readAccessRules({ template, region, accountId }: RulesOptions): AccessRules {
  const ofType = (type: Resource['type']): Resource[] => template.resources.filter((one) => one.type === type);
  const roles = readRoles(template);
  const context = { 'aws:sourceaccount': [accountId] };
  const roleOf: RoleOf = (user, roleArn, service) => requireRole(roles, { roleArn, user, service, context });
  refuseTablePolicies(ofType('AWS::DynamoDB::GlobalTable'));
  const deployers = new Set(ofType('Custom::CDKBucketDeployment').map((one) => one.properties()['ServiceToken']));
  return {
    region,
    accountId,
    identities: [
      ...ofType('AWS::Lambda::Function').flatMap((one) => functionIdentity(one, template, { roleOf, deployers })),
      ...ofType('AWS::Scheduler::Schedule').map((one) => scheduleIdentity(one, roleOf)),
      ...ofType('AWS::CloudFront::Distribution').map((one) => cdnIdentity(one, accountId)),
    ],
    resourceStatements: ofType('AWS::S3::BucketPolicy').flatMap(bucketStatements),
    partitionKeys: Object.fromEntries(ofType('AWS::DynamoDB::GlobalTable').map(partitionKeyOf)),
  };
}

/** What the CDN and a schedule sign with. */
export function accessKeyIdOf(resource: Resource): string {
  return accessKeyIdFor(`${resource.stackName}/${resource.logicalId}`);
}

export function functionNameOf(resource: Resource): string {
  return textAt(resource.metadata['sluice:name']) ?? resource.logicalId;
}

export function scheduleNameOf(resource: Resource): string {
  return `schedule ${textAt(resource.metadata['sluice:name']) ?? resource.logicalId}`;
}

function functionIdentity(
  resource: Resource,
  template: Template,
  { roleOf, deployers }: { roleOf: RoleOf; deployers: ReadonlySet<unknown> },
): Identity[] {
  const functionName = resource.physicalId();
  const arn = template.names.attribute(resource.stackName, resource.logicalId, 'Arn') ?? '';
  // Of the CDK's own functions only those run here whose work the runner does in their place.
  if (resource.metadata['sluice:name'] === undefined && !deployers.has(arn)) return [];
  const name = functionNameOf(resource);
  const role = roleOf(`The function ${name}`, String(resource.properties()['Role'] ?? ''), 'lambda.amazonaws.com');
  return [roleIdentity({ name, role, session: functionName, accessKeyId: accessKeyIdFor(functionName) })];
}

function scheduleIdentity(resource: Resource, roleOf: RoleOf): Identity {
  const name = scheduleNameOf(resource);
  const roleArn = String(objectAt(resource.properties()['Target'])['RoleArn'] ?? '');
  const role = roleOf(`The ${name}`, roleArn, 'scheduler.amazonaws.com');
  return roleIdentity({ name, role, session: resource.physicalId(), accessKeyId: accessKeyIdOf(resource) });
}

function roleIdentity(facts: { name: string; role: Role; session: string; accessKeyId: string }): Identity {
  const { name, role, session, accessKeyId } = facts;
  const accountId = role.arn.split(':')[4] ?? '';
  return {
    accessKeyId,
    name,
    principal: { kind: 'role', arn: role.arn },
    arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${session}`,
    statements: role.statements,
    context: {},
  };
}

/** Origin access control: the CDN signs its reads as itself, for its distribution. */
function cdnIdentity(resource: Resource, accountId: string): Identity {
  const distribution = `arn:aws:cloudfront::${accountId}:distribution/${resource.physicalId()}`;
  return {
    accessKeyId: accessKeyIdOf(resource),
    name: 'CDN',
    principal: { kind: 'service', name: 'cloudfront.amazonaws.com' },
    arn: 'cloudfront.amazonaws.com',
    statements: [],
    context: { 'aws:sourcearn': distribution, 'aws:sourceaccount': accountId },
  };
}

function bucketStatements(resource: Resource): Statement[] {
  const { logicalId } = resource;
  const statements = readPolicyDocument(resource.properties()['PolicyDocument'], logicalId);
  if (statements.every(({ principals }) => principals !== undefined)) return statements;
  throw new StartError(`The policy ${logicalId} has a statement without a principal.`);
}

function partitionKeyOf(resource: Resource): [string, string] {
  const keys = listAt(resource.properties()['KeySchema']).map(objectAt);
  const partition = keys.find((key) => key['KeyType'] === 'HASH');
  return [resource.physicalId(), textAt(partition?.['AttributeName']) ?? ''];
}
