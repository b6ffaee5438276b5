import { describe, expect, test } from '@jest/globals';
import { functionsByName, statementsOf, synthesize, type Resource } from './support/synthesize.ts';

const usual = synthesize();
const restored = synthesize({ restoredTables: 'catalog=catalog-restored,identity=identity-restored' });
const functions = functionsByName(restored.service);

function environmentOf(resource: Resource | undefined): Record<string, unknown> {
  if (resource === undefined) throw new Error('no such function');
  return (resource.Properties.Environment as { Variables: Record<string, unknown> }).Variables;
}

function tableResources(resource: Resource | undefined): string {
  const statements = statementsOf(restored.service, resource?.Properties.Role);
  const ofTables = statements.filter(({ Action }) => [Action].flat().some((action) => action.startsWith('dynamodb:')));
  return JSON.stringify(ofTables.map(({ Resource: resources }) => resources));
}

describe('tables that were restored to a point in time', () => {
  test('take the place of the stack’s own for every function, in name and in rights', () => {
    for (const name of ['admin', 'relay', 'vault', 'migrate-data']) {
      const environment = environmentOf(functions.get(name));
      expect([name, environment.CATALOG_TABLE]).toEqual([name, 'catalog-restored']);
      expect(tableResources(functions.get(name))).toContain(':table/catalog-restored');
    }
    const admin = functions.get('admin');
    expect(environmentOf(admin).IDENTITY_TABLE).toBe('identity-restored');
    expect(tableResources(admin)).toContain(':table/identity-restored/index/byOwner');
    expect(environmentOf(admin).LEDGER_TABLE).toEqual(
      environmentOf(functionsByName(usual.service).get('admin')).LEDGER_TABLE,
    );
    expect(JSON.stringify(restored.service)).not.toMatch(/ImportValue[^}]*(?:Catalog|Identity)Table/);
  });

  test('leave the data stack as it is, its own tables and what it exports of them', () => {
    expect(restored.data.Resources).toEqual(usual.data.Resources);
    expect(restored.data.Outputs).toEqual(usual.data.Outputs);
  });
});
