import { secretMark } from '@sluice/core/credentials/duplicates';
import type { Credential, Upstream, VaultStore } from '@sluice/core/credentials/store';
import type { CredentialLookup } from '@sluice/core/credentials/vending/lookup';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient } from '../table-client.ts';
import { CREDENTIAL_ENTRY_ITEM, rotatedTokenKey, secretKey } from './credential-index.ts';
import { createCredentialLookup } from './credential-lookup.ts';
import { readAllPages } from './read-all-pages.ts';
import { deleteCredential, putCredential } from './save-credential.ts';
import { CREDENTIAL_ITEM, CREDENTIAL_NAME_ITEM, UPSTREAM_ITEM } from './vault-items.ts';
import { credentialKey, credentialNameKey, credentialsOf, UPSTREAMS, upstreamKey } from './vault-keys.ts';

/*
 * Upstreams and sealed credentials; the tokens of OAuth credentials stand in tokens.ts.
 *
 * question          index  key condition                                       consistency  who asks
 * findUpstream      table  pk = upstreams, sk = upstream#<name>                strong       relay (cached), admin
 * listUpstreams     table  pk = upstreams, sk begins with upstream#            strong       admin, vault
 * listCredentials   table  pk = upstream#<name>, sk begins with credential#    strong       relay (cached), admin
 * findCredential    table  pk = upstream#<name>, sk = credential#<id>          strong       vault, admin
 *   …ByName         table  pk = upstream#<name>, sk = credentialName#<name>    strong       admin
 *   …BySecret       table  pk = credentialBy#secret#<mark> and                 strong       admin
 *                          pk = tokensMark#<mark>, then that credential
 * putCredential     table  that key, and the guard of the name beside it:      –            admin
 *                          sk = credentialName#<name> (names the id); of OAuth also its tokens; what
 *                          it is found by (credential-lookup.ts, credential-index.ts)
 * put, delete       table  the same keys                                       –            admin
 *
 * All upstreams stand in one partition: they are few, rarely written and cached where they are read often.
 */

const EXISTS = `attribute_exists(${PARTITION_KEY})`;

interface Table {
  client: TableClient;
  tableName: string;
}

export function createVaultStore(client: TableClient, tableName: string): VaultStore & CredentialLookup {
  const table: Table = { client, tableName };
  return {
    ...createCredentialLookup(client, tableName, credentialKey),
    async findUpstream(name) {
      const item = await client.get({ table: tableName, key: upstreamKey(name), consistent: true });
      return item && UPSTREAM_ITEM.read(item);
    },
    async listUpstreams() {
      const upstreams = await listPartition(table, { partition: UPSTREAMS, prefix: 'upstream#' });
      return upstreams.map(UPSTREAM_ITEM.read);
    },
    async putUpstream(upstream: Upstream) {
      const item = { ...upstreamKey(upstream.name), ...UPSTREAM_ITEM.write(upstream) };
      await client.put({ table: tableName, item, repeatable: true });
    },
    async deleteUpstream(name) {
      const outcome = await client.delete({
        table: tableName,
        key: upstreamKey(name),
        condition: EXISTS,
        repeatable: true,
      });
      return outcome.ok || outcome.resent;
    },
    async listCredentials(upstream) {
      const items = await listPartition(table, { partition: credentialsOf(upstream), prefix: 'credential#' });
      return items.map(CREDENTIAL_ITEM.read).toSorted(byPriorityAndName);
    },
    findCredential: (upstream, credentialId) => findCredential(table, upstream, credentialId),
    async findCredentialByName(upstream, name) {
      const key = credentialNameKey(upstream, name);
      const item = await client.get({ table: tableName, key, consistent: true });
      if (item === null) return null;
      const found = await findCredential(table, upstream, CREDENTIAL_NAME_ITEM.read(item).credentialId);
      return found?.name === name ? found : null;
    },
    async findCredentialBySecret(mark) {
      const read = (key: ItemKey) => client.get({ table: tableName, key, consistent: true });
      const [given, rotated] = await Promise.all([read(secretKey(mark)), read(rotatedTokenKey(mark))]);
      for (const item of [given, rotated]) {
        if (item === null) continue;
        const { upstream, credentialId } = CREDENTIAL_ENTRY_ITEM.read(item);
        const found = await findCredential(table, upstream, credentialId);
        // What came by rotation stays its row's own, whatever came after it.
        if (found !== null && (item === rotated || secretMark(found) === mark)) return found;
      }
      return null;
    },
    putCredential: (credential, tokens = { kind: 'keep' }) => putCredential(table, credential, tokens),
    addCredential: (credential, tokens = { kind: 'keep' }) => putCredential(table, credential, tokens, { isNew: true }),
    deleteCredential: (upstream, credentialId) => deleteCredential(table, upstream, credentialId),
  };
}

async function findCredential(table: Table, upstream: string, credentialId: string): Promise<Credential | null> {
  const key = credentialKey(upstream, credentialId);
  const item = await table.client.get({ table: table.tableName, key, consistent: true });
  return item && CREDENTIAL_ITEM.read(item);
}

function listPartition(table: Table, input: { partition: string; prefix: string }): Promise<Document[]> {
  return readAllPages(table.client, {
    table: table.tableName,
    keyCondition: '#pk = :partition AND begins_with(#sk, :prefix)',
    names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
    values: { ':partition': input.partition, ':prefix': input.prefix },
    consistent: true,
  });
}

function byPriorityAndName(left: Credential, right: Credential): number {
  if (left.priority !== right.priority) return left.priority - right.priority;
  return left.name < right.name ? -1 : Number(left.name > right.name);
}
