import { createSignedTableClient } from '../../../layers/aws/signed-table-client.ts';
import type { TableClient } from '../../../layers/aws/table-client.ts';
import { createIdentityStore } from '../../../layers/aws/tables/identity.ts';
import { createThrottleStore } from '../../../layers/aws/tables/throttles.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { aUser, aUserWithPassword, createStage } from './support/admin-stage.ts';

let embedded: EmbeddedTables;
let client: TableClient;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  client = createSignedTableClient({ aws: embedded.aws });
});
afterAll(async () => {
  await client.close();
  await embedded.close();
});

describe('a refused login', () => {
  it('asks the tables the same, whether somebody has the name, nobody, or somebody without a password', async () => {
    const identity = createIdentityStore(client, embedded.tables.identity);
    const stage = createStage({ identity, throttles: createThrottleStore(client, embedded.tables.identity) });
    await identity.createUser(await aUserWithPassword('user', 'a password'));
    await identity.createUser(aUser('admin'));
    const work = async (username: string) => {
      embedded.calls.length = 0;
      const answer = await stage.call('/api/auth/login', { body: { username, password: 'wrong' } });
      const calls = embedded.calls.map(({ operation, table, writeUnits }) => ({ operation, table, writeUnits }));
      return { status: answer.status, error: answer.json.error, code: answer.json.error_code, calls };
    };
    const known = await work('some-user');
    expect(known).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    const operations = known.calls.map(({ operation }) => operation);
    expect(operations.join(' ')).toBe('UpdateItem UpdateItem UpdateItem GetItem GetItem');
    expect(await work('some-body')).toEqual(known);
    expect(await work('some-admin')).toEqual(known);
  });
});
