import { type ServingEntry, type ServingList } from '@sluice/core/credentials/serving';
import { PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { Document, TableClient } from '../table-client.ts';
import { ringPosition, servingClass, servingPartition } from './credential-index.ts';
import { CREDENTIAL_ITEM } from './vault-items.ts';
import { CREDENTIAL_REVISION, credentialsOf } from './vault-keys.ts';

/*
 * Which credentials of an upstream may serve, without reading those that may not.
 *
 * question  index  key condition                                                       consistency  who asks
 * head      table  pk = credentialBy#serving#<upstream>                                strong       relay (cached)
 * around    table  pk = credentialBy#serving#<upstream>, sk between two positions of   strong       relay (cached)
 *                  a class
 * has       table  pk = credentialBy#serving#<upstream>, sk begins with <class>#       strong       relay (cached)
 */

/** Above all positions. */
const END = '~';
/** Rows of older versions that are looked at where there are no entries, until the data is migrated. */
const MOST_UNLISTED = 500;

export function createServingList(client: TableClient, tableName: string): ServingList {
  const between = async (upstream: string, from: string, to: string, limit: number) => {
    const { items, nextKey } = await client.query({
      table: tableName,
      keyCondition: '#pk = :partition AND #sk BETWEEN :from AND :to',
      names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY },
      values: { ':partition': servingPartition(upstream), ':from': from, ':to': to },
      limit,
      consistent: true,
    });
    return { entries: items.map(toEntry), isWhole: nextKey === null };
  };
  /** Written before there were entries. */
  const unlisted = async (upstream: string): Promise<ServingEntry[]> => {
    const { items } = await client.query({
      table: tableName,
      keyCondition: '#pk = :partition AND begins_with(#sk, :prefix)',
      filter: 'attribute_not_exists(#revision) AND #enabled = :true',
      names: { '#pk': PARTITION_KEY, '#sk': SORT_KEY, '#revision': CREDENTIAL_REVISION, '#enabled': 'enabled' },
      values: { ':partition': credentialsOf(upstream), ':prefix': 'credential#', ':true': true },
      limit: MOST_UNLISTED,
      consistent: true,
    });
    return items.map(CREDENTIAL_ITEM.read).map((credential) => ({
      credentialId: credential.id,
      servingClass: servingClass(credential),
      position: Number.parseInt(ringPosition(credential.id), 16),
    }));
  };
  return {
    async head(upstream, limit) {
      const head = await between(upstream, ' ', END, limit);
      return head.entries.length > 0 ? head : { entries: await unlisted(upstream), isWhole: true };
    },
    async around(upstream, ofClass, { position, limit }) {
      const from = `${ofClass}#${position.toString(16).padStart(8, '0')}`;
      const { entries } = await between(upstream, from, `${ofClass}#${END}`, limit);
      if (entries.length >= limit) return entries;
      const rest = await between(upstream, `${ofClass}# `, from, limit - entries.length);
      return [...entries, ...rest.entries];
    },
    async has(upstream, ofClass) {
      const { entries } = await between(upstream, `${ofClass}# `, `${ofClass}#${END}`, 1);
      return entries.length > 0;
    },
  };
}

function toEntry(item: Document): ServingEntry {
  const [ofClass = '', position = '', credentialId = ''] = String(item[SORT_KEY]).split('#');
  return { credentialId, servingClass: ofClass, position: Number.parseInt(position, 16) };
}
