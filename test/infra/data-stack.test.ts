import { describe, expect, test } from '@jest/globals';
import { TABLES } from '../../layers/aws/names.ts';
import { resourcesOf, synthesize } from './support/synthesize.ts';

const { data, service, terminationProtection } = synthesize();

interface Replica {
  DeletionProtectionEnabled?: boolean;
  PointInTimeRecoverySpecification?: { PointInTimeRecoveryEnabled?: boolean };
  ReadOnDemandThroughputSettings?: { MaxReadRequestUnits?: number };
}

describe('what must outlive every deployment', () => {
  test('keeps the logical ids of tables and secrets: another id would be another, empty one', () => {
    expect(Object.keys(data.Resources).toSorted()).toEqual([
      'BootstrapAdminSecret',
      'CatalogTable',
      'ContentTable',
      'IdentityTable',
      'LedgerTable',
      'OriginSecret',
      'PepperSecret',
      'SigningSeedSecret',
      'VaultSeedSecret',
      'VaultTable',
    ]);
  });

  test('keeps the logical ids of the buckets that hold something', () => {
    expect(
      resourcesOf(service, 'AWS::S3::Bucket')
        .map(([id]) => id)
        .toSorted(),
    ).toEqual(['BucketsConsole7E773DA5', 'BucketsLogsF3E46FAF', 'BucketsMedia5BAFF3AF']);
  });

  test('retains every resource of the data stack and protects the stack itself', () => {
    for (const [id, resource] of Object.entries(data.Resources)) {
      expect([id, resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
    }
    expect(terminationProtection).toBe(true);
  });

  test('names nothing physically, so that a replacement never collides', () => {
    for (const resource of Object.values(data.Resources)) {
      expect(resource.Properties).not.toHaveProperty('TableName');
      expect(resource.Properties).not.toHaveProperty('Name');
    }
  });
});

describe.each(resourcesOf(data, 'AWS::DynamoDB::GlobalTable'))('%s', (id, table) => {
  const [replica, ...others] = table.Properties.Replicas as Replica[];

  test('is recoverable to any second, protected from deletion, paid per request up to a fuse', () => {
    expect(others).toEqual([]);
    expect(replica?.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled).toBe(true);
    expect(replica?.DeletionProtectionEnabled).toBe(true);
    expect(table.Properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(replica?.ReadOnDemandThroughputSettings?.MaxReadRequestUnits).toBe(12_000);
    expect(table.Properties.WriteOnDemandThroughputSettings).toEqual({ MaxWriteRequestUnits: 4_000 });
  });

  test('has the keys, expiry attribute and indexes that the code asks for', () => {
    const name = Object.values(TABLES).find((one) => `${one.id}Table` === id);
    expect(table.Properties.KeySchema).toEqual([
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ]);
    expect(table.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
    const indexes = (table.Properties.GlobalSecondaryIndexes ?? []) as {
      IndexName: string;
      KeySchema: { AttributeName: string }[];
      Projection: { ProjectionType: string };
    }[];
    expect(
      indexes.map((index) => ({
        name: index.IndexName,
        partitionKey: index.KeySchema[0]?.AttributeName,
        sortKey: index.KeySchema[1]?.AttributeName,
        projection: index.Projection.ProjectionType === 'ALL' ? 'all' : 'keys',
      })),
    ).toEqual(name?.indexes);
  });
});

describe('secrets', () => {
  const generated = resourcesOf(data, 'AWS::SecretsManager::Secret').map(([id, secret]) => {
    const rule = secret.Properties.GenerateSecretString as {
      SecretStringTemplate: string;
      GenerateStringKey: string;
      PasswordLength: number;
      ExcludePunctuation: boolean;
    };
    return { id, template: rule.SecretStringTemplate, key: rule.GenerateStringKey, rule };
  });

  test('are generated at deploy in the shape that the code reads', () => {
    expect(generated.map(({ id, template, key }) => [id, template, key]).toSorted()).toEqual([
      ['BootstrapAdminSecret', '{"username":"admin"}', 'password'],
      ['OriginSecret', '{"previous":""}', 'current'],
      ['PepperSecret', '{}', 'v1'],
      ['SigningSeedSecret', '{}', 'v1'],
      ['VaultSeedSecret', '{}', 'v1'],
    ]);
  });

  test('hold at least 256 bits, the first administrator one that can be typed', () => {
    for (const { id, rule } of generated) {
      const bits = rule.PasswordLength * Math.log2(62);
      expect([id, rule.ExcludePunctuation, bits > (id === 'BootstrapAdminSecret' ? 128 : 256)]).toEqual([
        id,
        true,
        true,
      ]);
    }
  });
});
