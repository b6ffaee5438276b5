import {
  type RedemptionCode,
  type RedemptionCodeStore,
  type RedemptionOutcome,
  type RedemptionWrite,
} from '@sluice/core/plans/store';
import { IDENTITY_BY_OWNER, PARTITION_KEY, SORT_KEY } from '../names.ts';
import type { ItemKey, TableClient } from '../table-client.ts';
import { countedCodes, countOfCodes } from './code-counts.ts';
import { listCodes, positionInList } from './code-lists.ts';
import { planChange } from './plan-grants.ts';
import { readCode, storedCode } from './redemption-code-items.ts';

/*
 * Redemption codes, in the identity table; a redemption also writes the ledger account (plan-grants.ts).
 *
 * question        index    key condition                                             consistency  who asks
 * create          table    pk = codes, sk = <code>                                   –            admin
 * find            table    the same                                                  strong       admin: redemption
 * redeem, delete  table    the same                                                  –            admin
 * list by prefix  table    pk = codes, sk begins with <prefix>                       strong       admin
 * list            byOwner  ownerPk = codes#<unused|used>#<plan type>, newest first   eventual     admin
 *                          (ownerSk = code#<creation, 15 digits>#<code>)
 * count           table    pk = codeCounts (code-counts.ts)                          strong       admin
 *
 * Each write of a code and of the counters that it changes is one transaction; a redemption has the account in it, too.
 */

const CODES = 'codes';

interface Tables {
  client: TableClient;
  identity: string;
  ledger: string;
}

const codeKey = (code: string): ItemKey => ({ [PARTITION_KEY]: CODES, [SORT_KEY]: code });

export function createRedemptionCodeStore(
  client: TableClient,
  tableNames: { identity: string; ledger: string },
): RedemptionCodeStore {
  const tables: Tables = { client, ...tableNames };
  const find: RedemptionCodeStore['find'] = async (code) => {
    const item = await client.get({ table: tables.identity, key: codeKey(code), consistent: true });
    return item && readCode(item);
  };
  return {
    find,
    create: (codes) => create(tables, codes),
    redeem: (write) => redeem(tables, write),
    delete: (code) => remove(tables, code, find),
    list: (question) => listCodes({ client, table: tables.identity, partition: CODES }, question),
    count: (filter) => countOfCodes({ client, table: tables.identity }, filter),
  };
}

async function create({ client, identity }: Tables, codes: readonly RedemptionCode[]): Promise<'created' | 'taken'> {
  const outcome = await client.transactWrite([
    ...codes.map((code) => ({
      kind: 'put' as const,
      table: identity,
      item: { ...codeKey(code.code), ...storedCode(code), ...positionInList(code) },
      condition: `attribute_not_exists(${PARTITION_KEY})`,
    })),
    ...countedCodes(identity, codes, { total: 1 }),
  ]);
  return outcome.ok ? 'created' : 'taken';
}

async function redeem({ client, identity, ledger }: Tables, write: RedemptionWrite): Promise<RedemptionOutcome> {
  const { code, redemption, entitlement } = write;
  const used = positionInList({ ...code, redemption });
  const account = planChange(ledger, { accountId: redemption.userId, entitlement, plan: redemption.plan });
  const outcome = await client.transactWrite([
    {
      kind: 'update',
      table: identity,
      key: codeKey(code.code),
      update: 'SET #redemption = :redemption, #list = :list, #position = :position',
      condition:
        `attribute_exists(${PARTITION_KEY}) AND attribute_not_exists(#redemption)` +
        ' AND (attribute_not_exists(#expiresAt) OR #expiresAt > :now)',
      names: {
        '#redemption': 'redemption',
        '#expiresAt': 'expiresAt',
        '#list': IDENTITY_BY_OWNER.partitionKey,
        '#position': IDENTITY_BY_OWNER.sortKey,
      },
      values: {
        ':redemption': {
          ...redemption,
          plan: { ...redemption.plan },
          replaced: redemption.replaced && { ...redemption.replaced },
        },
        ':now': redemption.at,
        ':list': used[IDENTITY_BY_OWNER.partitionKey],
        ':position': used[IDENTITY_BY_OWNER.sortKey],
      },
    },
    { kind: 'update', ...account },
    ...countedCodes(identity, [code], { used: 1 }),
  ]);
  if (outcome.ok) return { outcome: 'redeemed' };
  const [ofCode] = outcome.refused;
  if (!ofCode) return { outcome: 'entitlement-moved' };
  return { outcome: 'code-gone', code: ofCode.existing && readCode(ofCode.existing) };
}

const MOST_ROUNDS = 4;

/** What is counted out is what was there: a redemption in between makes another round. */
async function remove({ client, identity }: Tables, text: string, find: RedemptionCodeStore['find']): Promise<boolean> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const code = await find(text);
    if (code === null) return false;
    const isUsed = code.redemption !== null;
    const outcome = await client.transactWrite([
      {
        kind: 'delete',
        table: identity,
        key: codeKey(text),
        condition: `attribute_exists(${PARTITION_KEY}) AND ${isUsed ? 'attribute_exists' : 'attribute_not_exists'}(#redemption)`,
        names: { '#redemption': 'redemption' },
      },
      ...countedCodes(identity, [code], { total: -1, ...(isUsed && { used: -1 }) }),
    ]);
    if (outcome.ok || (outcome.resent && outcome.refused[0]?.existing === null)) return true;
  }
  throw new Error('A redemption code kept changing while it was deleted.');
}
