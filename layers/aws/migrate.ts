import type { TableContext } from './names.ts';
import { PARTITION_KEY, SORT_KEY } from './names.ts';
import type { Document, ItemKey, TableClient } from './table-client.ts';
import { ACCOUNT_ITEMS } from './tables/account-items.ts';
import { ALERT_ITEMS } from './tables/alert-items.ts';
import { CATALOG_ITEMS } from './tables/catalog-items.ts';
import { CONTENT_ITEMS } from './tables/content-items.ts';
import { CREDENTIAL_LIST_ITEMS } from './tables/credential-lists.ts';
import { CREDENTIAL_INDEX_ITEMS } from './tables/credential-index.ts';
import { HEDGE_ITEMS } from './tables/hedges.ts';
import { IDENTITY_ITEMS } from './tables/identity-items.ts';
import { ITEM_TYPE, primaryKeyOf, type AnyItemSchema } from './tables/item-schema.ts';
import { indexCredential } from './tables/index-credential.ts';
import { INCIDENT_ITEMS } from './tables/incident-items.ts';
import { LEDGER_ITEMS } from './tables/ledger-items.ts';
import { MEDIA_ITEMS } from './tables/media-items.ts';
import { PLAN_DEFINITION_ITEMS } from './tables/plan-definitions.ts';
import { POOL_ITEMS } from './tables/pool-state-items.ts';
import { MEDIA_JOB_ITEMS } from './tables/media-job-items.ts';
import { OWNED_ITEMS, QUOTA_POOL_ITEMS } from './tables/quota-pool-items.ts';
import { rewriteItem } from './tables/rewrite-item.ts';
import { REDEMPTION_CODE_ITEMS } from './tables/redemption-code-items.ts';
import { SESSION_ITEMS } from './tables/session-items.ts';
import { THROTTLE_ITEMS } from './tables/throttle-items.ts';
import { SIGN_IN_ITEMS } from './tables/sign-in-items.ts';
import { TOKEN_ITEMS } from './tables/token-items.ts';
import { CREDENTIAL_ITEM, VAULT_ITEMS } from './tables/vault-items.ts';

/*
 * Rewrites every item that an older version of the code wrote. Items are upgraded as they are read anyway; this makes
 * it so for good, so that an old upgrade can be dropped one day. It may be stopped and started again at any time: what
 * is done is no longer older, and a run that ran out of time says where the next one goes on.
 */

/** All item schemas, by table. */
export const ITEM_SCHEMAS: Readonly<Record<TableContext, readonly AnyItemSchema[]>> = {
  identity: [...IDENTITY_ITEMS, ...ACCOUNT_ITEMS, ...SESSION_ITEMS, ...THROTTLE_ITEMS, ...REDEMPTION_CODE_ITEMS],
  vault: [
    ...VAULT_ITEMS,
    ...POOL_ITEMS,
    ...TOKEN_ITEMS,
    ...OWNED_ITEMS,
    ...SIGN_IN_ITEMS,
    ...CREDENTIAL_INDEX_ITEMS,
    ...CREDENTIAL_LIST_ITEMS,
  ],
  ledger: [...LEDGER_ITEMS, ...INCIDENT_ITEMS, ...QUOTA_POOL_ITEMS, ...HEDGE_ITEMS],
  catalog: [...CATALOG_ITEMS, ...ALERT_ITEMS, ...PLAN_DEFINITION_ITEMS],
  content: [...CONTENT_ITEMS, ...MEDIA_ITEMS, ...MEDIA_JOB_ITEMS],
};

const CONTEXTS = Object.keys(ITEM_SCHEMAS) as TableContext[];

export interface MigrationDeps {
  client: TableClient;
  /** Physical names. */
  tables: Readonly<Record<TableContext, string>>;
  /** False when no time is left for another page. */
  mayGoOn(): boolean;
  schemas?: typeof ITEM_SCHEMAS | undefined;
}

/** Where a run goes on: a table, and after which item of it. */
export interface MigrationPosition {
  table: TableContext;
  after: { pk: string; sk: string } | null;
}

export interface TableReport {
  read: number;
  rewritten: number;
  /** Of a type that this code does not know; left as they are. */
  unknown: number;
  /** Kept changing while they were rewritten; the next run finds them again. */
  contended: number;
  /** Credentials that got the entries by which they are found; absent: none. */
  indexed?: number;
}

export interface MigrationReport {
  tables: Partial<Record<TableContext, TableReport>>;
  /** Null when everything was seen; otherwise what the next run is given as `from`. */
  next: MigrationPosition | null;
}

const MOST_ROUNDS = 5;

export async function migrateData(
  deps: MigrationDeps,
  from: MigrationPosition | null = null,
): Promise<MigrationReport> {
  const report: MigrationReport = { tables: {}, next: null };
  const first = from === null ? 0 : CONTEXTS.indexOf(from.table);
  for (const context of CONTEXTS.slice(first)) {
    const after = from?.table === context ? from.after : null;
    const counts: TableReport = { read: 0, rewritten: 0, unknown: 0, contended: 0 };
    report.tables[context] = counts;
    let startKey: ItemKey | null = after && { [PARTITION_KEY]: after.pk, [SORT_KEY]: after.sk };
    do {
      if (!deps.mayGoOn()) return { ...report, next: { table: context, after: positionOf(startKey) } };
      const page = await deps.client.scan({ table: deps.tables[context], startKey });
      for (const item of page.items) await migrateItem(deps, context, item, counts);
      if (context === 'vault') await indexOld(deps, page.items, counts);
      startKey = page.nextKey;
    } while (startKey !== null);
  }
  return report;
}

/** Credentials that were written before there were lists of them. */
async function indexOld(
  { client, tables }: MigrationDeps,
  items: readonly Document[],
  counts: TableReport,
): Promise<void> {
  const credentials = items.filter((item) => item[ITEM_TYPE] === CREDENTIAL_ITEM.type);
  for (const item of credentials) {
    if (await indexCredential(client, tables.vault, item)) counts.indexed = (counts.indexed ?? 0) + 1;
  }
}

function positionOf(key: ItemKey | null): MigrationPosition['after'] {
  return key && { pk: String(key[PARTITION_KEY]), sk: String(key[SORT_KEY]) };
}

async function migrateItem(
  deps: MigrationDeps,
  context: TableContext,
  found: Document,
  counts: TableReport,
): Promise<void> {
  counts.read += 1;
  const schema = (deps.schemas ?? ITEM_SCHEMAS)[context].find((one) => one.type === found[ITEM_TYPE]);
  if (!schema) {
    counts.unknown += 1;
    return;
  }
  const table = deps.tables[context];
  let before: Document | null = found;
  for (let round = 1; round <= MOST_ROUNDS && before; round += 1) {
    const upgraded = schema.upgrade(before);
    if (upgraded === null) return;
    if ((await rewriteItem({ client: deps.client, table, before, after: upgraded })) === 'rewritten') {
      counts.rewritten += 1;
      return;
    }
    before = await deps.client.get({ table, key: primaryKeyOf(found), consistent: true });
  }
  // Gone meanwhile is done.
  if (before) counts.contended += 1;
}
