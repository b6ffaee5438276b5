import { describe, expect, test } from '@jest/globals';
import {
  actionsOf,
  functionsByName,
  resourcesOf,
  statementsOf,
  synthesize,
  type Resource,
  type Statement,
} from './support/synthesize.ts';

const { service } = synthesize();
const functions = functionsByName(service);

function roleOf(name: string): Statement[] {
  const found = functions.get(name);
  if (found === undefined) throw new Error(`no function ${name}`);
  return statementsOf(service, found.Properties.Role);
}

function variablesOf(resource: Resource): Record<string, unknown> {
  return (resource.Properties.Environment as { Variables: Record<string, unknown> } | undefined)?.Variables ?? {};
}

/** `Identity`, `Vault`… for tables that a statement reaches, `Ledger/byUser` for an index of one. */
function tablesOf(statement: Statement): string[] {
  return [statement.Resource].flat().flatMap((resource) => {
    const text = JSON.stringify(resource);
    const table = /FnGetAtt(\w+)TableArn/.exec(text)?.[1];
    const index = /\/index\/(\w+)/.exec(text)?.[1];
    return table === undefined ? [] : [index === undefined ? table : `${table}/${index}`];
  });
}

function tableRights(name: string): Record<string, string[]> {
  const rights: Record<string, Set<string>> = {};
  for (const statement of roleOf(name)) {
    for (const table of tablesOf(statement)) {
      rights[table] ??= new Set();
      for (const action of actionsOf(statement)) rights[table].add(action.replace('dynamodb:', ''));
    }
  }
  return Object.fromEntries(Object.entries(rights).map(([table, actions]) => [table, [...actions].toSorted()]));
}

interface LeadingKeys {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': string[] };
}

const ALL_WRITES = ['DeleteItem', 'PutItem', 'UpdateItem'];

describe('tables', () => {
  test.each<[string, Record<string, string[]>]>([
    [
      'relay',
      {
        Catalog: ['GetItem', 'Query'],
        Content: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
        Identity: ['GetItem', 'PutItem'],
        Ledger: ['GetItem', 'PutItem', 'UpdateItem'],
        Vault: ['BatchGetItem', 'GetItem', 'PutItem', 'Query'],
      },
    ],
    [
      'admin',
      {
        Catalog: ['GetItem', 'Query', ...ALL_WRITES].toSorted(),
        Content: ['DeleteItem', 'GetItem', 'Query', 'UpdateItem'],
        Identity: ['BatchGetItem', 'ConditionCheckItem', 'GetItem', 'Query', ...ALL_WRITES].toSorted(),
        'Identity/byOwner': ['Query'],
        Ledger: ['BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
        'Ledger/byKey': ['Query'],
        'Ledger/byUser': ['Query'],
        Vault: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
      },
    ],
    [
      'vault',
      {
        Catalog: ['GetItem', 'PutItem'],
        Identity: ['UpdateItem'],
        Vault: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
      },
    ],
    [
      'refresh-credentials',
      {
        Catalog: ['GetItem'],
        Vault: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
        'Vault/byDue': ['Query'],
        'Vault/byStale': ['Query'],
      },
    ],
    ['reseal-credentials', { Vault: ['Query', 'UpdateItem'] }],
    ['check-credentials', { Catalog: ['GetItem'], Vault: ['PutItem', 'Query'] }],
    [
      'recover-quotas',
      {
        Catalog: ['GetItem', 'Query'],
        Ledger: ['GetItem', 'PutItem', 'UpdateItem'],
        Vault: ['DeleteItem', 'GetItem', 'PutItem', 'Query'],
      },
    ],
    ['roll-up-usage', { Ledger: ['GetItem', 'Query', ...ALL_WRITES].toSorted() }],
    [
      'evaluate-alerts',
      {
        Catalog: ['GetItem', 'Query', ...ALL_WRITES].toSorted(),
        Identity: ['GetItem'],
        'Identity/byOwner': ['Query'],
        Ledger: ['GetItem', 'Query'],
        Vault: ['GetItem', 'Query'],
      },
    ],
    ['replay-usage', { Catalog: ['GetItem'], Ledger: ['GetItem', 'Query'] }],
    ['sweep-holds', { Catalog: ['GetItem'], Ledger: ['GetItem', 'PutItem', 'Query', 'UpdateItem'] }],
    [
      'migrate-data',
      Object.fromEntries(
        ['Catalog', 'Content', 'Identity', 'Ledger', 'Vault'].map((id) => [id, ['GetItem', 'Scan', 'UpdateItem']]),
      ),
    ],
  ])('%s has exactly the rights that it uses', (name, rights) => {
    expect(tableRights(name)).toEqual(rights);
  });

  test('the relay can put nothing into the vault table but the health of credentials', () => {
    const putting = roleOf('relay').filter(
      (statement) => tablesOf(statement).includes('Vault') && actionsOf(statement).includes('dynamodb:PutItem'),
    );
    expect(putting.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['pool*'] } },
    ]);
  });

  test.each([
    // Tokens, the health of credentials, and when machine secrets were used.
    ['vault', ['machineUse*', 'pool*', 'tokens*']],
    ['refresh-credentials', ['poolLog*', 'tokens*']],
  ])('%s writes tokens into the vault table and what it learnt of them, and no credential', (name, partitions) => {
    const writing = roleOf(name).filter(
      (statement) =>
        tablesOf(statement).includes('Vault') &&
        actionsOf(statement).some((one) => /(?:Put|Update|Delete)Item/.test(one)),
    );
    const keys = writing.map(({ Condition }) => (Condition as LeadingKeys)['ForAllValues:StringLike']);
    expect([...new Set(keys.flatMap((condition) => condition['dynamodb:LeadingKeys']))].toSorted()).toEqual(partitions);
  });

  test('the vault can write nothing into the identity table but how often something was tried', () => {
    const reaching = roleOf('vault').filter((statement) => tablesOf(statement).includes('Identity'));
    expect(reaching.map((statement) => [actionsOf(statement), statement.Condition])).toEqual([
      [['dynamodb:UpdateItem'], { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['throttle*'] } }],
    ]);
  });

  test('the relay can put nothing into the identity table but when keys were used', () => {
    const putting = roleOf('relay').filter(
      (statement) => tablesOf(statement).includes('Identity') && actionsOf(statement).includes('dynamodb:PutItem'),
    );
    expect(putting.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['keyUse*'] } },
    ]);
  });

  test('admin can write nothing into the ledger but plans of accounts', () => {
    const writing = roleOf('admin').filter(
      (statement) =>
        tablesOf(statement).includes('Ledger') &&
        actionsOf(statement).some((action) => /PutItem|UpdateItem|DeleteItem/.test(action)),
    );
    expect(writing.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['account*'] } },
    ]);
  });

  test('admin can put nothing into the content table, and reaches media and conversations only', () => {
    const reaching = roleOf('admin').filter((statement) => tablesOf(statement).includes('Content'));
    expect(reaching.flatMap(actionsOf).toSorted()).not.toContain('dynamodb:PutItem');
    const keys = reaching.map(({ Condition }) => (Condition as LeadingKeys)['ForAllValues:StringLike']);
    expect([...new Set(keys.flatMap((condition) => condition['dynamodb:LeadingKeys']))].toSorted()).toEqual([
      'conversation#*',
      'mediaIndex*',
      'response#*',
      'session#*',
    ]);
    const updating = reaching.filter((statement) => actionsOf(statement).includes('dynamodb:UpdateItem'));
    expect(updating.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['mediaIndex*'] } },
    ]);
  });

  test('evaluate-alerts can write nothing into the catalog but alerts', () => {
    const writing = roleOf('evaluate-alerts').filter(
      (statement) => tablesOf(statement).includes('Catalog') && actionsOf(statement).includes('dynamodb:PutItem'),
    );
    expect(writing.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['alert*'] } },
    ]);
  });

  test('a function has the name of each table that it may use, and of no other', () => {
    for (const [name, resource] of functions) {
      const allowed = Object.keys(tableRights(name)).filter((table) => !table.includes('/'));
      const named = Object.keys(variablesOf(resource)).filter((variable) => variable.endsWith('_TABLE'));
      expect([name, named.toSorted()]).toEqual([name, allowed.map((id) => `${id.toUpperCase()}_TABLE`).toSorted()]);
    }
  });

  test('only a by-hand migration may scan', () => {
    const scanners = [...functions.keys()].filter((name) =>
      Object.values(tableRights(name)).some((actions) => actions.includes('Scan')),
    );
    expect(scanners).toEqual(['migrate-data']);
  });
});

describe('secrets', () => {
  test.each<[string, string[]]>([
    ['relay', ['ORIGIN_SECRET', 'PEPPER_SECRET', 'VAULT_SEED_SECRET']],
    ['admin', ['BOOTSTRAP_ADMIN_SECRET', 'ORIGIN_SECRET', 'PEPPER_SECRET', 'SIGNING_SEED_SECRET']],
    ['vault', ['ORIGIN_SECRET', 'PEPPER_SECRET', 'VAULT_SEED_SECRET']],
    ['refresh-credentials', ['VAULT_SEED_SECRET']],
    ['reseal-credentials', ['VAULT_SEED_SECRET']],
    ['sweep-holds', []],
    ['roll-up-usage', []],
    ['evaluate-alerts', ['PEPPER_SECRET']],
    ['replay-usage', []],
    ['migrate-data', []],
  ])('%s reads its own and no other', (name, secrets) => {
    const resource = functions.get(name)!;
    const named = Object.keys(variablesOf(resource)).filter((variable) => variable.endsWith('_SECRET'));
    expect(named.toSorted()).toEqual(secrets);
    const readable = roleOf(name)
      .filter((statement) => actionsOf(statement).includes('secretsmanager:GetSecretValue'))
      .flatMap((statement) => [statement.Resource].flat());
    expect(readable.map((one) => JSON.stringify(one)).toSorted()).toEqual(
      named.map((variable) => JSON.stringify(variablesOf(resource)[variable])).toSorted(),
    );
  });

  test('nobody who can seal a credential as admin can open one, and the relay cannot mint a token', () => {
    expect(Object.keys(variablesOf(functions.get('admin')!))).not.toContain('VAULT_SEED_SECRET');
    expect(Object.keys(variablesOf(functions.get('relay')!))).not.toContain('SIGNING_SEED_SECRET');
  });

  test('the relay holds no signing key: of all functions admin alone can read its seed, by name or by right', () => {
    const arn = variablesOf(functions.get('admin')!).SIGNING_SEED_SECRET;
    expect(JSON.stringify(arn)).toContain('SigningSeedSecret');
    const holders = [...functions.keys()].filter((name) => {
      const rights = roleOf(name).filter(({ Effect }) => Effect === 'Allow');
      const values = Object.values(variablesOf(functions.get(name)!));
      return JSON.stringify([rights, values]).includes('SigningSeedSecret');
    });
    expect(holders).toEqual(['admin']);
    const reading = roleOf('relay').filter((statement) =>
      actionsOf(statement).some((action) => action.startsWith('secretsmanager:')),
    );
    expect(reading.flatMap((statement) => [statement.Resource].flat())).not.toContain('*');
  });
});

describe('stars', () => {
  /** The only places where a resource cannot be named. */
  const STAR_RESOURCES: Record<string, string> = {
    'xray:PutTelemetryRecords': 'X-Ray has no resources',
    'xray:PutTraceSegments': 'X-Ray has no resources',
  };
  const allowed = resourcesOf(service, 'AWS::IAM::Policy').flatMap(([id, policy]) =>
    (policy.Properties.PolicyDocument as { Statement: Statement[] }).Statement.filter(
      (statement) => statement.Effect === 'Allow',
    ).map((statement) => ({ id, statement })),
  );

  test('no role may do an action that is not spelled out', () => {
    const starred = allowed.flatMap(({ id, statement }) =>
      actionsOf(statement)
        .filter((action) => action.includes('*'))
        .map((action) => `${id} ${action}`),
    );
    expect(starred).toEqual([]);
  });

  test('no role may act on every resource, except where the service has none', () => {
    const starred = allowed
      .filter(({ statement }) => [statement.Resource].flat().includes('*'))
      .flatMap(({ statement }) => actionsOf(statement));
    expect([...new Set(starred)].toSorted()).toEqual(Object.keys(STAR_RESOURCES));
  });

  test('a trailing star means the objects of one named bucket, nothing else', () => {
    const trailing = allowed.flatMap(({ statement }) =>
      [statement.Resource]
        .flat()
        .filter((one) => one !== '*' && JSON.stringify(one).includes('*'))
        .map(() => actionsOf(statement)),
    );
    expect(new Set(trailing.flat())).toEqual(
      new Set(['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:PutObject']),
    );
  });

  test('no role carries a policy that AWS manages', () => {
    for (const [, role] of resourcesOf(service, 'AWS::IAM::Role')) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});

test('admin may run the vault and each schedule by hand, and has their names', () => {
  const variables = variablesOf(functions.get('admin')!);
  const invoked = roleOf('admin')
    .filter((statement) => actionsOf(statement).includes('lambda:InvokeFunction'))
    .flatMap((statement) => [statement.Resource].flat());
  const ids = invoked.map((one) => (one as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0]);
  expect(ids.map((id) => service.Resources[id]?.Metadata?.['sluice:name']).toSorted()).toEqual([
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
  const [, parts] = (variables.SCHEDULE_FUNCTIONS as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  const names = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'a-function')).join(''));
  expect(names).toEqual({
    'sweep-holds': 'a-function',
    'roll-up-usage': 'a-function',
    'refresh-credentials': 'a-function',
    'reseal-credentials': 'a-function',
    'check-credentials': 'a-function',
    'recover-quotas': 'a-function',
    'evaluate-alerts': 'a-function',
    'expire-media': 'a-function',
    'sweep-jobs': 'a-function',
    'replay-usage': 'a-function',
    'migrate-data': 'a-function',
  });
  expect(variables.VAULT_FUNCTION).toEqual({ Ref: expect.stringContaining('Vault') });
});
