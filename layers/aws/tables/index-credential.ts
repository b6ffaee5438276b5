import { secretMark } from '@sluice/core/credentials/duplicates';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, TableClient, TransactAction, UpdateRequest } from '../table-client.ts';
import {
  CREDENTIAL_TAG_ITEM,
  entryItem,
  entryKeys,
  ownOrNobodys,
  secretKey,
  TAGS_PARTITION,
  tagOf,
  textChanges,
} from './credential-index.ts';
import { lookupActions } from './credential-lookup.ts';
import { CREDENTIAL_ITEM } from './vault-items.ts';
import { CREDENTIAL_REVISION, credentialKey } from './vault-keys.ts';

/*
 * Makes a credential findable that was written before credentials had entries. By updates alone: the migration may do
 * nothing else. Of two that have the same secret or the same biz id both stay, and one is found by it.
 */

/** @returns false when nothing was to be done: it has its entries, or was changed meanwhile and got them so */
export async function indexCredential(client: TableClient, table: string, item: Document): Promise<boolean> {
  if (item[CREDENTIAL_REVISION] !== undefined) return false;
  const credential = CREDENTIAL_ITEM.read(item);
  const { upstream, id, name } = credential;
  for (const key of textChanges(null, credential).come)
    await client.update(asUpdate(table, entryItem(key, credential)));
  const tag = tagOf(credential);
  if (tag !== null) {
    const listed = { [PARTITION_KEY]: TAGS_PARTITION, [SORT_KEY]: tag, ...CREDENTIAL_TAG_ITEM.write({ tag }) };
    await client.update(asUpdate(table, listed));
  }
  const outcome = await client.transactWrite([
    {
      kind: 'update',
      table,
      key: credentialKey(upstream, id),
      update: 'SET #revision = :one',
      condition: 'attribute_not_exists(#revision) AND #name = :name',
      names: { '#revision': CREDENTIAL_REVISION, '#name': 'name' },
      values: { ':one': 1, ':name': name },
    },
    ...entryKeys(credential).map((key): TransactAction => ({
      kind: 'update',
      ...asUpdate(table, entryItem(key, credential)),
    })),
  ]);
  if (!outcome.ok) return false;
  const mark = secretMark(credential);
  if (mark !== null) {
    await client.update(asUpdate(table, entryItem(secretKey(mark), credential), ownOrNobodys(credential)));
  }
  for (const action of lookupActions(table, credential, { before: null, after: credential }).actions) {
    if (action.kind === 'put') await client.update(asUpdate(table, action.item, action));
  }
  return true;
}

type Conditions = Pick<UpdateRequest, 'condition' | 'names' | 'values'>;

/** The item as an update of whatever stands there. */
function asUpdate(table: string, item: Document, { condition, names, values }: Conditions = {}): UpdateRequest {
  const { [PARTITION_KEY]: pk, [SORT_KEY]: sk, ...rest } = item;
  const fields = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    table,
    key: { [PARTITION_KEY]: String(pk), [SORT_KEY]: String(sk) },
    update: `SET ${fields.map((_, index) => `#f${index} = :f${index}`).join(', ')}`,
    ...(condition !== undefined && { condition }),
    names: { ...names, ...Object.fromEntries(fields.map(([field], index) => [`#f${index}`, field])) },
    values: { ...values, ...Object.fromEntries(fields.map(([, value], index) => [`:f${index}`, value])) },
    repeatable: true,
  };
}
