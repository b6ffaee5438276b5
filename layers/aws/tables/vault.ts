import type { Credential, TokensChange, Upstream, VaultStore } from '@sluice/core/credentials/store';
import type { CredentialLookup } from '@sluice/core/credentials/vending/lookup';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { createCredentialLookup, lookupActions } from './credential-lookup.ts';
import { readAllPages } from './read-all-pages.ts';
import { createTokenStore, deleteTokensAction, tokenActions } from './tokens.ts';
import { CREDENTIAL_ITEM, CREDENTIAL_NAME_ITEM, UPSTREAM_ITEM } from './vault-items.ts';

/*
 * Upstreams and sealed credentials; the tokens of OAuth credentials stand in tokens.ts.
 *
 * question          index  key condition                                       consistency  who asks
 * findUpstream      table  pk = upstreams, sk = upstream#<name>                strong       relay (cached), admin
 * listUpstreams     table  pk = upstreams, sk begins with upstream#            strong       admin, vault
 * listCredentials   table  pk = upstream#<name>, sk begins with credential#    strong       relay (cached), admin
 * findCredential    table  pk = upstream#<name>, sk = credential#<id>          strong       vault, admin
 * putCredential     table  that key, and the guard of the name beside it:      –            admin
 *                          sk = credentialName#<name> (names the id); of OAuth also its tokens; what
 *                          machines find it by (credential-lookup.ts)
 * put, delete       table  the same keys                                       –            admin
 *
 * All upstreams stand in one partition: they are few, rarely written and cached where they are read often.
 */

const UPSTREAMS = 'upstreams';
const EXISTS = `attribute_exists(${PARTITION_KEY})`;
const MOST_ROUNDS = 5;

export const upstreamKey = (name: string): ItemKey => ({ [PARTITION_KEY]: UPSTREAMS, [SORT_KEY]: `upstream#${name}` });
const credentialsOf = (upstream: string): string => `upstream#${upstream}`;
export const credentialKey = (upstream: string, credentialId: string): ItemKey => ({
  [PARTITION_KEY]: credentialsOf(upstream),
  [SORT_KEY]: `credential#${credentialId}`,
});
const credentialNameKey = (upstream: string, name: string): ItemKey => ({
  [PARTITION_KEY]: credentialsOf(upstream),
  [SORT_KEY]: `credentialName#${name}`,
});

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
    putCredential: (credential, tokens = { kind: 'keep' }) => putCredential(table, credential, tokens),
    deleteCredential: (upstream, credentialId) => deleteCredential(table, upstream, credentialId),
  };
}

async function findCredential(table: Table, upstream: string, credentialId: string): Promise<Credential | null> {
  const key = credentialKey(upstream, credentialId);
  const item = await table.client.get({ table: table.tableName, key, consistent: true });
  return item && CREDENTIAL_ITEM.read(item);
}

/**
 * The credential and the guard of its name change together; a renamed credential gives its old name back.
 * @throws GatewayError `conflict` when another credential of the upstream has the name, `invalid_field` when another
 *   one anywhere has the biz id
 */
async function putCredential(table: Table, credential: Credential, tokens: TokensChange): Promise<void> {
  const { client, tableName } = table;
  const { upstream, id, name } = credential;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const stored = await findCredential(table, upstream, id);
    const renamedFrom = stored && stored.name !== name ? stored.name : null;
    const lookup = lookupActions(tableName, credential, { before: stored, after: credential });
    const actions: TransactAction[] = [
      {
        kind: 'put',
        table: tableName,
        item: { ...credentialKey(upstream, id), ...CREDENTIAL_ITEM.write(credential) },
        ...unchangedNames(stored),
      },
      {
        kind: 'put',
        table: tableName,
        item: { ...credentialNameKey(upstream, name), ...CREDENTIAL_NAME_ITEM.write({ credentialId: id }) },
        // A name is free, or it is this credential's already.
        condition: `attribute_not_exists(${PARTITION_KEY}) OR #credentialId = :id`,
        names: { '#credentialId': 'credentialId' },
        values: { ':id': id },
      },
      ...(renamedFrom === null
        ? []
        : [{ kind: 'delete' as const, table: tableName, key: credentialNameKey(upstream, renamedFrom) }]),
      ...(await changeOfTokens(table, credential, tokens)),
      ...lookup.actions,
    ];
    const outcome = await client.transactWrite(actions);
    if (outcome.ok) return;
    if (outcome.refused[1]) {
      const message = `The upstream ${upstream} already has a credential named ${name}.`;
      throw new GatewayError('conflict', { message, param: 'name' });
    }
    if (lookup.bizIdAt >= 0 && outcome.refused[actions.length - lookup.actions.length + lookup.bizIdAt]) {
      const message = `Another credential has the biz id ${credential.bizId}.`;
      throw new GatewayError('invalid_field', { message, param: 'bizId' });
    }
    // Another writer came between the read and the write: look again.
  }
  throw new Error(`The credential ${id} kept changing while it was saved.`);
}

async function changeOfTokens(
  { client, tableName }: Table,
  { kind, upstream, id, enabled, disabledByOwner = false }: Credential,
  tokens: TokensChange,
): Promise<TransactAction[]> {
  if (kind !== 'oauth') return [];
  const key = { upstream, credentialId: id };
  const row = await createTokenStore(client, tableName).find(key);
  const given = tokens.kind === 'give' ? tokens : null;
  return [tokenActions(tableName, { ...key, isEnabled: enabled && !disabledByOwner }, { row, given })];
}

async function deleteCredential(table: Table, upstream: string, credentialId: string): Promise<boolean> {
  const { client, tableName } = table;
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const stored = await findCredential(table, upstream, credentialId);
    if (stored === null) return round > 1;
    const outcome = await client.transactWrite([
      { kind: 'delete', table: tableName, key: credentialKey(upstream, credentialId), ...unchangedNames(stored) },
      { kind: 'delete', table: tableName, key: credentialNameKey(upstream, stored.name) },
      ...lookupActions(tableName, stored, { before: stored, after: null }).actions,
      ...(stored.kind === 'oauth' ? [deleteTokensAction(tableName, { upstream, credentialId })] : []),
    ]);
    if (outcome.ok) return true;
  }
  throw new Error(`The credential ${credentialId} kept changing while it was deleted.`);
}

/** The item still stands as it was read, as far as its names go; for null: it still does not stand. */
function unchangedNames(stored: Credential | null): {
  condition: string;
  names?: Record<string, string>;
  values?: Document;
} {
  if (stored === null) return { condition: `attribute_not_exists(${PARTITION_KEY})` };
  const { name, bizId = null, email = null } = stored;
  const isAsRead = (field: string, value: string | null): string =>
    value === null ? `(attribute_not_exists(#${field}) OR #${field} = :${field})` : `#${field} = :${field}`;
  return {
    condition: `#name = :name AND ${isAsRead('bizId', bizId)} AND ${isAsRead('email', email)}`,
    names: { '#name': 'name', '#bizId': 'bizId', '#email': 'email' },
    values: { ':name': name, ':bizId': bizId, ':email': email },
  };
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
