import type { OwnedCredential, OwnedCredentialStore } from '@sluice/core/sharing/store';
import { OWNED_PARTITION_PREFIX, PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { OWNED_CREDENTIAL_ITEM, OWNER_ENTRY_ITEM } from './quota-pool-items.ts';
import { poolUpdate } from './quota-pools.ts';
import { readAllPages } from './read-all-pages.ts';

/*
 * Whose credentials are, in the vault table, beside the credentials themselves (docs/decisions/0031).
 *
 * question         index  key condition                                         consistency  who asks
 * find             table  pk = owned#<upstream>, sk = <credential id>           strong       admin, recover-quotas
 * findMany         table  those keys                                            strong       relay (cached)
 * listOfUpstream   table  pk = owned#<upstream>                                 strong       admin, recover-quotas
 * listOfOwner      table  pk = ownedBy#<user>, then each of those               strong       admin, relay (cached)
 * create, delete   table  both items in one transaction                         –            admin, recover-quotas
 * move             table  the first, and the owner's pool account (ledger       –            admin, recover-quotas
 *                         table), in one transaction
 */

interface Tables {
  client: TableClient;
  vault: string;
  ledger: string;
}

type Place = Pick<OwnedCredential, 'upstream' | 'credentialId'>;

const FREE = `attribute_not_exists(${PARTITION_KEY})`;

const ofUpstream = (upstream: string): string => `${OWNED_PARTITION_PREFIX}#${upstream}`;
const ofOwner = (ownerId: string): string => `${OWNED_PARTITION_PREFIX}By#${ownerId}`;
const ownedKey = ({ upstream, credentialId }: Place): ItemKey => ({
  [PARTITION_KEY]: ofUpstream(upstream),
  [SORT_KEY]: credentialId,
});
const entryKey = ({ ownerId, credentialId }: OwnedCredential): ItemKey => ({
  [PARTITION_KEY]: ofOwner(ownerId),
  [SORT_KEY]: credentialId,
});

export function createOwnedCredentialStore(
  client: TableClient,
  tableNames: { vault: string; ledger: string },
): OwnedCredentialStore {
  const tables: Tables = { client, ...tableNames };
  const find = async (place: Place): Promise<OwnedCredential | null> => {
    const item = await client.get({ table: tables.vault, key: ownedKey(place), consistent: true });
    return item && OWNED_CREDENTIAL_ITEM.read(item);
  };
  return {
    find: (upstream, credentialId) => find({ upstream, credentialId }),
    async findMany(places) {
      if (places.length === 0) return [];
      const items = await client.batchGet({ table: tables.vault, keys: places.map(ownedKey), consistent: true });
      return items.map(OWNED_CREDENTIAL_ITEM.read);
    },
    async listOfOwner(ownerId) {
      const entries = (await readPartition(tables, ofOwner(ownerId))).map(OWNER_ENTRY_ITEM.read);
      const found = await Promise.all(entries.map(({ upstream, sk }) => find({ upstream, credentialId: sk })));
      // An entry whose credential was taken over by somebody else would be a fault of ours; nobody sees others' rows.
      return found.filter((owned) => owned?.ownerId === ownerId) as OwnedCredential[];
    },
    async listOfUpstream(upstream) {
      return (await readPartition(tables, ofUpstream(upstream))).map(OWNED_CREDENTIAL_ITEM.read);
    },
    create: (owned) => create(tables, owned),
    move: (owned, pool) => move(tables, owned, pool),
    delete: (owned) => remove(tables, owned),
  };
}

async function create({ client, vault }: Tables, owned: OwnedCredential): Promise<'created' | 'exists'> {
  const { upstream, credentialId } = owned;
  const entry = OWNER_ENTRY_ITEM.write({ upstream, sk: credentialId });
  const outcome = await client.transactWrite([
    {
      kind: 'put',
      table: vault,
      item: { ...ownedKey(owned), ...OWNED_CREDENTIAL_ITEM.write(owned) },
      condition: FREE,
    },
    { kind: 'put', table: vault, item: { ...entry, ...entryKey(owned) }, condition: FREE },
  ]);
  return outcome.ok ? 'created' : 'exists';
}

async function move(
  { client, vault, ledger }: Tables,
  owned: OwnedCredential,
  pool: Parameters<OwnedCredentialStore['move']>[1],
): Promise<'moved' | 'credential-moved' | 'pool-moved'> {
  const actions: TransactAction[] = [
    {
      kind: 'put',
      table: vault,
      item: { ...ownedKey(owned), ...OWNED_CREDENTIAL_ITEM.write(owned) },
      condition: '#revision = :seen',
      names: { '#revision': 'revision' },
      values: { ':seen': owned.revision - 1 },
    },
    ...(pool === null ? [] : [poolUpdate(ledger, pool)]),
  ];
  const outcome = await client.transactWrite(actions);
  if (outcome.ok) return 'moved';
  return outcome.refused[0] ? 'credential-moved' : 'pool-moved';
}

async function remove({ client, vault }: Tables, owned: OwnedCredential): Promise<boolean> {
  const outcome = await client.transactWrite([
    {
      kind: 'delete',
      table: vault,
      key: ownedKey(owned),
      condition: '#revision = :seen AND size(#counted) = :none',
      names: { '#revision': 'revision', '#counted': 'counted' },
      values: { ':seen': owned.revision, ':none': 0 },
    },
    { kind: 'delete', table: vault, key: entryKey(owned) },
  ]);
  return outcome.ok || (outcome.resent && outcome.refused[0]?.existing === null);
}

function readPartition({ client, vault }: Tables, partition: string) {
  return readAllPages(client, {
    table: vault,
    keyCondition: '#pk = :partition',
    names: { '#pk': PARTITION_KEY },
    values: { ':partition': partition },
    consistent: true,
  });
}
