import { isObject, listAt, objectAt, textAt, type Json, type JsonObject } from '../json.ts';
import { StartError } from '../start-error.ts';
import type { Resource, Template } from '../template.ts';
import { compileConditions, type Context } from './conditions.ts';
import { readPolicyDocument } from './policy-document.ts';
import type { Statement } from './rules.ts';

/** A role of the template with everything that it may do. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  readonly statements: readonly Statement[];
  /** Who may take it on. */
  readonly trust: readonly Statement[];
}

/** Policies that AWS keeps, as far as the template may name them. */
const AWS_POLICIES: Readonly<Record<string, JsonObject>> = {
  // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
  'service-role/AWSLambdaBasicExecutionRole': {
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  },
};

const ROLE_FEATURES = ['PermissionsBoundary'];
const POLICY_FEATURES = ['Users', 'Groups'];

/** The roles of the template by their ARNs. @throws StartError naming what is not modelled */
export function readRoles(template: Template): Map<string, Role> {
  const ofType = (type: Resource['type']): Resource[] => template.resources.filter((one) => one.type === type);
  const attached = [...ofType('AWS::IAM::Policy'), ...ofType('AWS::IAM::ManagedPolicy')].map((policy) => {
    const properties = policy.properties();
    refuse(policy, properties, POLICY_FEATURES);
    return {
      arn: policy.physicalId(),
      roles: listAt(properties['Roles']).map(String),
      statements: readPolicyDocument(properties['PolicyDocument'], policy.logicalId),
    };
  });
  return new Map(
    ofType('AWS::IAM::Role').map((resource) => {
      const properties = resource.properties();
      refuse(resource, properties, ROLE_FEATURES);
      const arn = template.names.attribute(resource.stackName, resource.logicalId, 'Arn') ?? '';
      const managed = listAt(properties['ManagedPolicyArns']).map(String);
      const statements = [
        ...listAt(properties['Policies']).flatMap((policy) => readInline(resource, policy)),
        ...attached.flatMap((one) =>
          one.roles.includes(resource.physicalId()) || managed.includes(one.arn) ? one.statements : [],
        ),
        ...managed.filter((one) => !attached.some((known) => known.arn === one)).flatMap(readAwsPolicy),
      ];
      const trust = readPolicyDocument(properties['AssumeRolePolicyDocument'], `${resource.logicalId}, whom it trusts`);
      return [arn, { arn, name: resource.physicalId(), statements, trust }];
    }),
  );
}

/** @throws StartError when the role is not in the template or does not trust the service. */
export function requireRole(roles: ReadonlyMap<string, Role>, facts: RoleUse): Role {
  const role = roles.get(facts.roleArn);
  if (role === undefined) throw new StartError(`${facts.user} has no role in the template (${facts.roleArn}).`);
  const isTrusted = role.trust.some(
    ({ effect, actions, principals, conditions }) =>
      effect === 'Allow' &&
      actions.includes('sts:AssumeRole') &&
      principals?.some((one) => one.kind === 'service' && one.name === facts.service) === true &&
      compileConditions(conditions)(facts.context),
  );
  if (isTrusted) return role;
  throw new StartError(`${facts.user} cannot run: its role ${role.name} does not trust ${facts.service}.`);
}

export interface RoleUse {
  readonly roleArn: string;
  /** For messages. */
  readonly user: string;
  readonly service: string;
  readonly context: Context;
}

function readInline(resource: Resource, policy: Json): Statement[] {
  const name = textAt(objectAt(policy)['PolicyName']) ?? 'inline';
  return readPolicyDocument(objectAt(policy)['PolicyDocument'], `${resource.logicalId}/${name}`);
}

function readAwsPolicy(arn: string): Statement[] {
  const name = arn.replace(/^arn:[^:]+:iam::aws:policy\//, '');
  const document = AWS_POLICIES[name];
  if (document !== undefined) return readPolicyDocument(document, name);
  throw new StartError(`The local stack does not know what the managed policy ${arn} allows.`);
}

function refuse(resource: Resource, properties: JsonObject, features: readonly string[]): void {
  for (const feature of features) {
    const value = properties[feature];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    const place = `${resource.stackName}/${resource.logicalId}`;
    throw new StartError(`${place} uses ${feature}, which the local stack does not know.`);
  }
}

/** Policies that stand at a resource and that would be left out unseen. */
export function refuseTablePolicies(tables: readonly Resource[]): void {
  for (const table of tables) {
    const properties = table.properties();
    refuse(table, properties, ['ResourcePolicy']);
    for (const replica of listAt(properties['Replicas'])) {
      if (isObject(replica)) refuse(table, replica, ['ResourcePolicy', 'ResourcePolicies']);
    }
  }
}
