import type { Credential } from '@sluice/core/credentials/store';
import type { CredentialLookup } from '@sluice/core/credentials/vending/lookup';
import { ownedName } from '@sluice/core/sharing/who-may-use';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { ItemKey, TableClient, TransactAction } from '../table-client.ts';
import { CREDENTIAL_ITEM, CREDENTIAL_LOOKUP_ITEM } from './vault-items.ts';

/*
 * By what machines ask for credentials, in the vault table; written with the credential, in its transaction.
 *
 * question      index  key condition                                                        consistency  who asks
 * findByBizId   table  pk = credentialBy#bizId#<biz id>, sk = credential, then that one     strong       vault
 * listByEmail   table  pk = credentialBy#email#<email>, then those                          strong       vault
 *
 * A biz id is one credential's in the whole installation; an e-mail address may be several's. Credentials of users have
 * neither: what is theirs is not found by machines.
 */

const MOST_OF_ONE_EMAIL = 20;

const bizKey = (bizId: string): ItemKey => ({
  [PARTITION_KEY]: `credentialBy#bizId#${bizId}`,
  [SORT_KEY]: 'credential',
});
const emailPartition = (email: string): string => `credentialBy#email#${email}`;
const emailKey = (email: string, { upstream, id }: Place): ItemKey => ({
  [PARTITION_KEY]: emailPartition(email),
  [SORT_KEY]: `${upstream}#${id}`,
});

type Place = Pick<Credential, 'upstream' | 'id'>;

export function createCredentialLookup(
  client: TableClient,
  tableName: string,
  credentialKey: (upstream: string, credentialId: string) => ItemKey,
): CredentialLookup {
  const read = async ({ upstream, credentialId }: { upstream: string; credentialId: string }) => {
    const item = await client.get({ table: tableName, key: credentialKey(upstream, credentialId), consistent: true });
    return item && CREDENTIAL_ITEM.read(item);
  };
  return {
    async findByBizId(bizId) {
      const item = await client.get({ table: tableName, key: bizKey(bizId), consistent: true });
      const found = item && (await read(CREDENTIAL_LOOKUP_ITEM.read(item)));
      return found?.bizId === bizId ? found : null;
    },
    async listByEmail(email) {
      const { items } = await client.query({
        table: tableName,
        keyCondition: '#pk = :partition',
        names: { '#pk': PARTITION_KEY },
        values: { ':partition': emailPartition(email) },
        limit: MOST_OF_ONE_EMAIL,
        consistent: true,
      });
      const found = await Promise.all(items.map((item) => read(CREDENTIAL_LOOKUP_ITEM.read(item))));
      const own = found.filter((credential): credential is Credential => credential?.email === email);
      return own.toSorted((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1));
    },
  };
}

/** What a credential is found by; nothing for one of a user. */
function namesOf(credential: Credential | null): { bizId: string | null; email: string | null } {
  if (credential === null || credential.name === ownedName(credential.id)) return { bizId: null, email: null };
  return { bizId: credential.bizId || null, email: credential.email || null };
}

/**
 * The part of a credential's transaction that keeps it findable.
 * @param before as it stands; null: a new one
 * @param after as it will; null: it goes
 * @returns the actions, and which of them is refused when another credential has the biz id; −1: none
 */
export function lookupActions(
  table: string,
  place: Place,
  { before, after }: { before: Credential | null; after: Credential | null },
): { actions: TransactAction[]; bizIdAt: number } {
  const [was, is] = [namesOf(before), namesOf(after)];
  const item = CREDENTIAL_LOOKUP_ITEM.write({ upstream: place.upstream, credentialId: place.id });
  const actions: TransactAction[] = [];
  if (was.bizId !== null && was.bizId !== is.bizId) actions.push({ kind: 'delete', table, key: bizKey(was.bizId) });
  if (was.email !== null && was.email !== is.email) {
    actions.push({ kind: 'delete', table, key: emailKey(was.email, place) });
  }
  if (is.email !== null) actions.push({ kind: 'put', table, item: { ...emailKey(is.email, place), ...item } });
  if (is.bizId === null) return { actions, bizIdAt: -1 };
  actions.push({
    kind: 'put',
    table,
    item: { ...bizKey(is.bizId), ...item },
    // It is free, or it is this credential's already.
    condition: `attribute_not_exists(${PARTITION_KEY}) OR (#credentialId = :id AND #upstream = :upstream)`,
    names: { '#credentialId': 'credentialId', '#upstream': 'upstream' },
    values: { ':id': place.id, ':upstream': place.upstream },
  });
  return { actions, bizIdAt: actions.length - 1 };
}
