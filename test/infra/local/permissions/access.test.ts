import { describe, expect, test } from '@jest/globals';
import { createAccessControl, type Denial } from '../../../../infra/local/permissions/access.ts';
import { listGrants } from '../../../../infra/local/permissions/grants.ts';
import { readPolicyDocument } from '../../../../infra/local/permissions/policy-document.ts';
import { OPERATOR, type AccessRules, type Identity } from '../../../../infra/local/permissions/rules.ts';
import type { Json } from '../../../../infra/local/json.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Things';
const ROLE = 'arn:aws:iam::000000000000:role/R';

function allow(Action: Json, Resource: Json, more: Record<string, Json> = {}): Json {
  return { Effect: 'Allow', Action, Resource, ...more };
}

function deny(Action: Json, Resource: Json, more: Record<string, Json> = {}): Json {
  return { Effect: 'Deny', Action, Resource, ...more };
}

function rulesOf(own: readonly Json[], given: readonly Json[] = []): AccessRules {
  const identity: Identity = {
    accessKeyId: 'KEY',
    name: 'relay',
    principal: { kind: 'role', arn: ROLE },
    arn: 'arn:aws:sts::000000000000:assumed-role/R/Relay',
    statements: readPolicyDocument({ Statement: own }, 'Own'),
    context: {},
  };
  const cdn: Identity = {
    accessKeyId: 'CDN',
    name: 'CDN',
    principal: { kind: 'service', name: 'cloudfront.amazonaws.com' },
    arn: 'cloudfront.amazonaws.com',
    statements: [],
    context: { 'aws:sourcearn': 'arn:aws:cloudfront::000000000000:distribution/D' },
  };
  return {
    region: 'us-east-1',
    accountId: '000000000000',
    identities: [identity, cdn],
    resourceStatements: readPolicyDocument({ Statement: given }, 'Given'),
    partitionKeys: { Things: 'pk' },
  };
}

function access(own: readonly Json[], given: readonly Json[] = []) {
  const used: string[] = [];
  const denied: Denial[] = [];
  const control = createAccessControl({
    operators: [OPERATOR],
    onUse: (grant) => used.push(grant),
    onDenied: (denial) => denied.push(denial),
  });
  control.load(rulesOf(own, given));
  const may = (action: string, resource: string, context?: Record<string, string[]>, accessKeyId = 'KEY'): boolean =>
    control.check({ accessKeyId, action, resource, ...(context && { context: () => context }) }) === undefined;
  return { control, used, denied, may };
}

describe('a role', () => {
  test.each<[string, Json, Json, string, string, boolean]>([
    ['the very action', 'dynamodb:PutItem', TABLE, 'dynamodb:PutItem', TABLE, true],
    ['an action in other case', 'DynamoDB:putitem', TABLE, 'dynamodb:PutItem', TABLE, true],
    ['an action by a star', 'dynamodb:Get*', TABLE, 'dynamodb:GetItem', TABLE, true],
    ['an action by a question mark', 'dynamodb:?etItem', TABLE, 'dynamodb:GetItem', TABLE, true],
    ['another action', 'dynamodb:Get*', TABLE, 'dynamodb:BatchGetItem', TABLE, false],
    ['another service', 'dynamodb:*', '*', 's3:GetObject', 'arn:aws:s3:::b/k', false],
    ['everything', '*', '*', 's3:GetObject', 'arn:aws:s3:::b/k', true],
    ['one of a list', ['s3:PutObject', 's3:GetObject'], ['arn:aws:s3:::b/*'], 's3:GetObject', 'arn:aws:s3:::b/k', true],
    ['a resource in other case', 'dynamodb:PutItem', TABLE.toLowerCase(), 'dynamodb:PutItem', TABLE, false],
    ['an index by the table’s name', 'dynamodb:Query', TABLE, 'dynamodb:Query', `${TABLE}/index/byOwner`, false],
    ['the table by its index', 'dynamodb:Query', `${TABLE}/index/*`, 'dynamodb:Query', TABLE, false],
    ['an index', 'dynamodb:Query', `${TABLE}/index/*`, 'dynamodb:Query', `${TABLE}/index/byOwner`, true],
    [
      'a star that would cross a segment',
      'logs:PutLogEvents',
      'arn:*:us-east-1:*:*:*',
      'logs:PutLogEvents',
      'arn:aws:logs:us-east-1:0:log-group:G',
      false,
    ],
    ['a star in each segment', 'dynamodb:PutItem', 'arn:*:dynamodb:*:*:table/Th?ngs', 'dynamodb:PutItem', TABLE, true],
    [
      'a last segment with colons of its own',
      'logs:PutLogEvents',
      'arn:aws:logs:us-east-1:0:log-group:G:*',
      'logs:PutLogEvents',
      'arn:aws:logs:us-east-1:0:log-group:G:log-stream:x',
      true,
    ],
    ['dots as dots', 's3:GetObject', 'arn:aws:s3:::a.b/*', 's3:GetObject', 'arn:aws:s3:::axb/k', false],
  ])(
    'that is granted %s: %s on %s, asked for %s on %s: %s',
    (_what, actions, resources, action, resource, expected) => {
      expect(access([allow(actions, resources)]).may(action, resource)).toBe(expected);
    },
  );

  test('is refused what one statement denies, whatever others allow and in whatever order', () => {
    const statements = [deny('dynamodb:*', `${TABLE}/index/secret`), allow('*', '*')];
    for (const order of [statements, statements.toReversed()]) {
      const { may, denied } = access(order);
      expect(may('dynamodb:Query', TABLE)).toBe(true);
      expect(may('dynamodb:Query', `${TABLE}/index/secret`)).toBe(false);
      expect(denied[0]?.message).toContain('with an explicit deny');
    }
  });

  test('is refused in words that name the caller, the action and the resource', () => {
    const { may, denied } = access([allow('dynamodb:GetItem', TABLE)]);
    expect(may('dynamodb:PutItem', TABLE)).toBe(false);
    expect(denied).toEqual([
      {
        caller: 'relay',
        action: 'dynamodb:PutItem',
        resource: TABLE,
        isUnknown: false,
        message:
          'User: arn:aws:sts::000000000000:assumed-role/R/Relay is not authorized to perform: dynamodb:PutItem ' +
          `on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
      },
    ]);
  });

  test('answers the same from memory, and uses each grant once', () => {
    const { may, used } = access([allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [TABLE, `${TABLE}2`])]);
    for (let round = 0; round < 3; round += 1) {
      expect(may('dynamodb:GetItem', TABLE)).toBe(true);
      expect(may('dynamodb:DeleteItem', TABLE)).toBe(false);
    }
    expect(used).toEqual(['relay\tdynamodb:GetItem\ttable/Things']);
  });
});

describe('conditions', () => {
  const onPool = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['pool*'] } };

  test('on leading keys ask for every key of the call', () => {
    const { may, used } = access([allow('dynamodb:PutItem', TABLE, { Condition: onPool })]);
    const keys = (...values: string[]) => ({ 'dynamodb:leadingkeys': values });
    expect(may('dynamodb:PutItem', TABLE, keys('credential#1'))).toBe(false);
    expect(used).toEqual([]);
    expect(may('dynamodb:PutItem', TABLE, keys('pool#1', 'credential#1'))).toBe(false);
    expect(may('dynamodb:PutItem', TABLE, keys('pool#1', 'pool#2'))).toBe(true);
    expect(used).toEqual(['relay\tdynamodb:PutItem\ttable/Things where dynamodb:leadingkeys is pool*']);
  });

  test('must all hold, in all operators', () => {
    const Condition = {
      StringEquals: { 'AWS:SourceAccount': ['1', '2'] },
      ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::b*' },
      Bool: { 'aws:SecureTransport': 'true' },
    };
    const { may } = access([allow('s3:PutObject', '*', { Condition })]);
    const context = { 'aws:sourceaccount': ['2'], 'aws:sourcearn': ['arn:aws:s3:::bucket'] };
    expect(may('s3:PutObject', 'arn:aws:s3:::b/k', context)).toBe(true);
    expect(may('s3:PutObject', 'arn:aws:s3:::b/k', { ...context, 'aws:sourceaccount': ['3'] })).toBe(false);
    expect(may('s3:PutObject', 'arn:aws:s3:::b/k')).toBe(false);
  });
});

describe('a bucket policy', () => {
  const READ = allow('s3:GetObject', 'arn:aws:s3:::b/*', {
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Condition: { StringEquals: { 'AWS:SourceArn': 'arn:aws:cloudfront::000000000000:distribution/D' } },
  });
  const ONLY_TLS = deny('s3:*', ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'], {
    Principal: { AWS: '*' },
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });

  test('lets in the service that it names and nobody else', () => {
    const { may, used } = access([], [READ, ONLY_TLS]);
    expect(may('s3:GetObject', 'arn:aws:s3:::b/k', {}, 'CDN')).toBe(true);
    expect(may('s3:ListBucket', 'arn:aws:s3:::b', {}, 'CDN')).toBe(false);
    expect(may('s3:GetObject', 'arn:aws:s3:::b/k')).toBe(false);
    expect(used).toEqual(['cloudfront.amazonaws.com\ts3:GetObject\ts3:b/* where aws:sourcearn is distribution/D']);
  });

  test('of another distribution does not let this one in', () => {
    const other = { StringEquals: { 'aws:SourceArn': 'arn:aws:cloudfront::000000000000:distribution/E' } };
    const { may } = access([], [{ ...(READ as object), Condition: other }]);
    expect(may('s3:GetObject', 'arn:aws:s3:::b/k', {}, 'CDN')).toBe(false);
  });

  test('that denies everybody binds roles that may do everything', () => {
    const { may } = access([allow('*', '*')], [deny('s3:DeleteObject', 'arn:aws:s3:::b/*', { Principal: '*' })]);
    expect(may('s3:DeleteObject', 'arn:aws:s3:::b/k')).toBe(false);
    expect(may('s3:PutObject', 'arn:aws:s3:::b/k')).toBe(true);
  });

  test('that names a role lets that one in', () => {
    const named = (role: string) => [allow('s3:PutObject', 'arn:aws:s3:::b/*', { Principal: { AWS: role } })];
    expect(access([], named(ROLE)).may('s3:PutObject', 'arn:aws:s3:::b/k')).toBe(true);
    expect(access([], named(`${ROLE}2`)).may('s3:PutObject', 'arn:aws:s3:::b/k')).toBe(false);
  });
});

describe('callers', () => {
  test('without a signature may do what is open to everybody', () => {
    const open = [allow('s3:GetObject', 'arn:aws:s3:::open/*', { Principal: '*' })];
    const { control } = access([allow('*', '*')], open);
    const ask = (resource: string) => control.check({ accessKeyId: undefined, action: 's3:GetObject', resource });
    expect(ask('arn:aws:s3:::open/k')).toBeUndefined();
    expect(ask('arn:aws:s3:::closed/k')).toMatchObject({ caller: 'anonymous', isUnknown: false });
  });

  test('that nobody knows may do nothing; the operator may do everything, before rules are there', () => {
    const { control, may } = access([allow('*', '*')], [allow('*', '*', { Principal: '*' })]);
    expect(may('s3:GetObject', 'arn:aws:s3:::b/k', {}, 'STRANGE')).toBe(false);
    expect(may('s3:GetObject', 'arn:aws:s3:::b/k', {}, OPERATOR)).toBe(true);
    expect(control.check({ accessKeyId: 'STRANGE', action: 'a:B', resource: '*' })).toMatchObject({ isUnknown: true });
    const empty = createAccessControl({ operators: [OPERATOR] });
    expect(empty.allows({ accessKeyId: 'KEY', action: 's3:GetObject', resource: '*' })).toBe(false);
    expect(empty.allows({ accessKeyId: OPERATOR, action: 's3:GetObject', resource: '*' })).toBe(true);
  });
});

test('grants are listed one by one, without what no action can be done to and without what is denied', () => {
  const own = [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], TABLE), deny('dynamodb:Scan', TABLE)];
  const given = [
    allow(['s3:GetObject', 's3:ListBucket'], ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'], {
      Principal: { Service: 'cloudfront.amazonaws.com' },
    }),
  ];
  expect(listGrants(rulesOf(own, given))).toEqual([
    'cloudfront.amazonaws.com\ts3:GetObject\ts3:b/*',
    'cloudfront.amazonaws.com\ts3:ListBucket\ts3:b',
    'relay\tdynamodb:GetItem\ttable/Things',
    'relay\tdynamodb:PutItem\ttable/Things',
  ]);
});

describe('what is not modelled stops the start by its name', () => {
  const base = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
  test.each<[string, Record<string, Json>]>([
    ['NotAction', { NotAction: 's3:GetObject' }],
    ['NotResource', { NotResource: 'arn:aws:s3:::b/*' }],
    ['NotPrincipal', { NotPrincipal: { AWS: '*' } }],
    ['the effect Permit', { Effect: 'Permit' }],
    ['the action s3', { Action: 's3' }],
    ['the resource b/*, no whole ARN', { Resource: 'b/*' }],
    ['the policy variable in', { Resource: 'arn:aws:s3:::b/${aws:username}/*' }],
    ['the condition operator NumericLessThan', { Condition: { NumericLessThan: { 's3:max-keys': '10' } } }],
    ['the condition operator StringEqualsIfExists', { Condition: { StringEqualsIfExists: { 'aws:SourceArn': 'x' } } }],
    ['the condition key s3:prefix', { Condition: { StringLike: { 's3:prefix': 'a/*' } } }],
    [
      'the condition key dynamodb:LeadingKeys for dynamodb:Scan',
      {
        Action: ['dynamodb:GetItem', 'dynamodb:Scan'],
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } },
      },
    ],
    ['the principal Federated', { Principal: { Federated: 'accounts.google.com' } }],
    ['the principal AWS 000000000000', { Principal: { AWS: '000000000000' } }],
  ])('%s', (feature, change) => {
    expect(() => readPolicyDocument({ Statement: [{ ...base, ...change }] }, 'ThePolicy')).toThrow(feature);
    expect(() => readPolicyDocument({ Statement: [{ ...base, ...change }] }, 'ThePolicy')).toThrow('ThePolicy');
  });
});
