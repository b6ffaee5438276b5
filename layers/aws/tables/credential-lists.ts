import type { CredentialLists, ProxyMember } from '@sluice/core/credentials/records/lists';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { readAllPages } from './read-all-pages.ts';
import { list, nullable, number, object, text } from './shape.ts';
import { SEALED } from './vault-items.ts';

/*
 * The lists that OAuth credentials are given proxies and client ids from, in the vault table.
 *
 * question       index  key condition                              consistency  who asks
 * listProxies    table  pk = proxies                               strong       admin
 * putProxies     table  pk = proxies, sk = <member id>             –            admin
 * readClientIds  table  pk = clientIds#<upstream>, sk = list       strong       admin
 * putClientIds   table  that key                                   –            admin
 */

const PROXIES = 'proxies';
const AT_ONCE = 8;

const PROXY_ITEM = defineItemSchema<ProxyMember & { position: number }>({
  type: 'proxyMember',
  schema: object({ id: text, url: text, auth: nullable(SEALED), authDigest: nullable(text), position: number }),
});

const CLIENT_IDS_ITEM = defineItemSchema<{ clientIds: string[] }>({
  type: 'clientIds',
  schema: object({ clientIds: list(text) }),
});

export const CREDENTIAL_LIST_ITEMS: readonly AnyItemSchema[] = [PROXY_ITEM, CLIENT_IDS_ITEM];

const proxyKey = (id: string): ItemKey => ({ [PARTITION_KEY]: PROXIES, [SORT_KEY]: id });
const clientIdsKey = (upstream: string): ItemKey => ({
  [PARTITION_KEY]: `clientIds#${upstream}`,
  [SORT_KEY]: 'list',
});

export function createCredentialLists(client: TableClient, tableName: string): CredentialLists {
  const listProxies = async (): Promise<ProxyMember[]> => {
    const items = await readAllPages(client, {
      table: tableName,
      keyCondition: '#pk = :partition',
      names: { '#pk': PARTITION_KEY },
      values: { ':partition': PROXIES },
      consistent: true,
    });
    const members = items.map(PROXY_ITEM.read).toSorted((left, right) => left.position - right.position);
    return members.map(({ position: _position, ...member }) => member);
  };
  return {
    listProxies,
    async putProxies(members) {
      const kept = new Set(members.map(({ id }) => id));
      const gone = (await listProxies()).filter(({ id }) => !kept.has(id));
      await mapLimited(members, AT_ONCE, (member, position) =>
        client.put({
          table: tableName,
          item: { ...proxyKey(member.id), ...PROXY_ITEM.write({ ...member, position }) },
          repeatable: true,
        }),
      );
      await mapLimited(gone, AT_ONCE, ({ id }) =>
        client.delete({ table: tableName, key: proxyKey(id), repeatable: true }),
      );
    },
    async readClientIds(upstream) {
      const item = await client.get({ table: tableName, key: clientIdsKey(upstream), consistent: true });
      return item ? CLIENT_IDS_ITEM.read(item).clientIds : [];
    },
    async putClientIds(upstream, clientIds) {
      const key = clientIdsKey(upstream);
      if (clientIds.length === 0) await client.delete({ table: tableName, key, repeatable: true });
      else {
        const item = { ...key, ...CLIENT_IDS_ITEM.write({ clientIds: [...clientIds] }) };
        await client.put({ table: tableName, item, repeatable: true });
      }
    },
  };
}
