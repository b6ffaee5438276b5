import {
  useName,
  type MachineSecret,
  type MachineSecretStore,
  type MachineSecretUses,
} from '@sluice/core/credentials/vending/machine-secret';
import { MACHINE_USE_PARTITION, PARTITION_KEY, SORT_KEY, TIME_TO_LIVE } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { readAllPages } from './read-all-pages.ts';
import { MACHINE_SECRET_ITEM, MACHINE_USE_ITEM } from './vault-items.ts';

/*
 * Machine secrets, in the vault table.
 *
 * question   index  key condition                                     consistency  who asks
 * list       table  pk = machineSecrets                               strong       vault (cached), admin
 * find       table  pk = machineSecrets, sk = <name>                  strong       admin
 * put        table  that key, under its revision                      –            admin
 * delete     table  that key                                          –            admin
 * listUses   table  pk = machineUse                                   eventual     admin
 * noteUse    table  pk = machineUse, sk = <start of the digest>       –            vault
 *
 * Uses stand in a partition of their own, so that the vault, which may write them, can change no secret. They are
 * garbage 90 days after the last one.
 */

const SECRETS = 'machineSecrets';
const USE_DAYS = 90;
const EXISTS = `attribute_exists(${PARTITION_KEY})`;

const secretKey = (name: string): ItemKey => ({ [PARTITION_KEY]: SECRETS, [SORT_KEY]: name });

export function createMachineSecretStore(
  client: TableClient,
  tableName: string,
): MachineSecretStore & MachineSecretUses {
  const listPartition = (partition: string, consistent: boolean): Promise<Document[]> =>
    readAllPages(client, {
      table: tableName,
      keyCondition: '#pk = :partition',
      names: { '#pk': PARTITION_KEY },
      values: { ':partition': partition },
      consistent,
    });
  return {
    list: async () => (await listPartition(SECRETS, true)).map(MACHINE_SECRET_ITEM.read),
    async find(name) {
      const item = await client.get({ table: tableName, key: secretKey(name), consistent: true });
      return item && MACHINE_SECRET_ITEM.read(item);
    },
    put: (secret) => put(client, tableName, secret),
    async delete(name) {
      const outcome = await client.delete({
        table: tableName,
        key: secretKey(name),
        condition: EXISTS,
        repeatable: true,
      });
      return outcome.ok || outcome.resent;
    },
    async listUses() {
      const items = await listPartition(MACHINE_USE_PARTITION, false);
      return new Map(items.map((item) => [String(item[SORT_KEY]), MACHINE_USE_ITEM.read(item).at]));
    },
    async noteUse(digest, at) {
      const key = { [PARTITION_KEY]: MACHINE_USE_PARTITION, [SORT_KEY]: useName(digest) };
      const ttl = { [TIME_TO_LIVE]: Math.ceil(at / 1000) + USE_DAYS * 86_400 };
      await client.put({
        table: tableName,
        item: { ...key, ...MACHINE_USE_ITEM.write({ at }), ...ttl },
        repeatable: true,
      });
    },
  };
}

async function put(client: TableClient, tableName: string, secret: MachineSecret): Promise<boolean> {
  const { name, revision, current } = secret;
  const isNew = revision === 1;
  const outcome = await client.put({
    table: tableName,
    item: { ...secretKey(name), ...MACHINE_SECRET_ITEM.write(secret) },
    condition: isNew ? `attribute_not_exists(${PARTITION_KEY})` : '#revision = :before',
    ...(isNew ? {} : { names: { '#revision': 'revision' }, values: { ':before': revision - 1 } }),
    repeatable: true,
  });
  if (outcome.ok) return true;
  if (!outcome.resent || outcome.existing === null) return false;
  // The answer to our own write may have been lost.
  const stored = MACHINE_SECRET_ITEM.read(outcome.existing);
  return stored.revision === revision && stored.current.digest === current.digest;
}
