import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import {
  ACCOUNT_PARTITION_PREFIX,
  CHANGE_PARTITION_PREFIX,
  CONVERSATION_PARTITION_PREFIXES,
  CREDENTIAL_INDEX_PREFIX,
  KEY_USE_PARTITION_PREFIX,
  OWNED_PARTITION_PREFIX,
  ALERT_PARTITION_PREFIX,
  MACHINE_USE_PARTITION,
  THROTTLE_PARTITION_PREFIX,
  JOB_PARTITION_PREFIX,
  MEDIA_PARTITION_PREFIX,
  PARTITION_KEY,
  POOL_PARTITION_PREFIX,
  TOKEN_PARTITION_PREFIX,
  SORT_KEY,
  TABLES,
  TIME_TO_LIVE,
  type IndexName,
  type TableContext,
  type TableName,
} from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import type { GatewayFunction, Grant } from './gateway-function.ts';

const READ = ['GetItem', 'Query'] as const;
const WRITE = ['PutItem', 'UpdateItem', 'DeleteItem'] as const;
/** Reads everything once, rewrites what is of an older version, reads again what changed meanwhile. */
const MIGRATE = ['Scan', 'GetItem', 'UpdateItem'] as const;

interface TableUse {
  readonly table: TableContext;
  readonly actions: readonly string[];
  /** Indexes that the actions also run on; only reads can. */
  readonly indexes: readonly string[];
  /** Only items whose partition key begins so, or with one of these. */
  readonly partitions?: string | readonly string[];
}

/**
 * Every way in which a function may use a table, named for what it is for. Transactions need no right of their own:
 * each member is checked as its single action (with ConditionCheckItem for a bare check).
 */
const TABLE_USES = {
  authenticate: { table: 'identity', actions: ['GetItem'], indexes: [] },
  // A relay that may change nothing about a key tells when it was used.
  noteKeyUses: { table: 'identity', actions: ['PutItem'], indexes: [], partitions: KEY_USE_PARTITION_PREFIX },
  readKeyUses: { table: 'identity', actions: ['BatchGetItem'], indexes: [], partitions: KEY_USE_PARTITION_PREFIX },
  manageIdentity: { table: 'identity', actions: [...READ, ...WRITE, 'ConditionCheckItem'], indexes: ['byOwner'] },
  useCredentials: { table: 'vault', actions: [...READ, 'BatchGetItem'], indexes: [] },
  // All rows of a credential but its health belong to admin and vault: the relay cannot change a secret.
  keepPoolStates: { table: 'vault', actions: ['PutItem'], indexes: [], partitions: POOL_PARTITION_PREFIX },
  manageCredentials: { table: 'vault', actions: [...READ, ...WRITE, 'BatchGetItem'], indexes: [] },
  // What happened to a credential, and nothing that it is chosen by.
  logChanges: { table: 'vault', actions: ['PutItem'], indexes: [], partitions: CHANGE_PARTITION_PREFIX },
  // Tokens are rotated where the seed is, and nothing else of a credential is written there.
  rotateTokens: { table: 'vault', actions: ['PutItem', 'UpdateItem'], indexes: [], partitions: TOKEN_PARTITION_PREFIX },
  findDueTokens: { table: 'vault', actions: READ, indexes: ['byDue', 'byStale'] },
  resealVault: { table: 'vault', actions: ['Query', 'UpdateItem'], indexes: [] },
  // Credentials by what machines know of them, their tokens, and whose secret it is that a machine presents.
  vendTokens: { table: 'vault', actions: READ, indexes: [] },
  // When a machine secret was last presented, and no secret itself.
  noteMachineUses: { table: 'vault', actions: ['PutItem'], indexes: [], partitions: MACHINE_USE_PARTITION },
  // How often something was tried, and nothing of users or keys.
  countTries: { table: 'identity', actions: ['UpdateItem'], indexes: [], partitions: THROTTLE_PARTITION_PREFIX },
  takeTurns: { table: 'vault', actions: ['DeleteItem'], indexes: [], partitions: TOKEN_PARTITION_PREFIX },
  readSettings: { table: 'catalog', actions: ['GetItem'], indexes: [] },
  // Whose a credential is, and no credential itself, but for taking one away that its owner has given up.
  keepOwners: { table: 'vault', actions: ['PutItem', 'DeleteItem'], indexes: [], partitions: OWNED_PARTITION_PREFIX },
  removeOwned: { table: 'vault', actions: ['DeleteItem'], indexes: [], partitions: 'upstream#' },
  // With what it is found by.
  removeEntries: { table: 'vault', actions: ['DeleteItem'], indexes: [], partitions: CREDENTIAL_INDEX_PREFIX },
  routeModels: { table: 'catalog', actions: READ, indexes: [] },
  manageCatalog: { table: 'catalog', actions: [...READ, ...WRITE], indexes: [] },
  publishKeys: { table: 'catalog', actions: ['GetItem', 'PutItem'], indexes: [] },
  recordUsage: { table: 'ledger', actions: ['GetItem', 'PutItem', 'UpdateItem'], indexes: [] },
  readUsage: { table: 'ledger', actions: [...READ, 'BatchGetItem'], indexes: ['byUser', 'byKey'] },
  // Events and sums are the relay's and the schedules': admin cannot change what was used.
  grantPlans: {
    table: 'ledger',
    actions: ['PutItem', 'UpdateItem'],
    indexes: [],
    partitions: ACCOUNT_PARTITION_PREFIX,
  },
  recoverPools: {
    table: 'ledger',
    actions: ['GetItem', 'PutItem', 'UpdateItem'],
    indexes: [],
    partitions: ACCOUNT_PARTITION_PREFIX,
  },
  repairLedger: { table: 'ledger', actions: [...READ, 'PutItem', 'UpdateItem'], indexes: [] },
  rollUpUsage: { table: 'ledger', actions: [...READ, ...WRITE], indexes: [] },
  replayUsage: { table: 'ledger', actions: READ, indexes: [] },
  watchUsage: { table: 'ledger', actions: READ, indexes: [] },
  watchPool: { table: 'vault', actions: READ, indexes: [] },
  listPool: { table: 'vault', actions: ['Query'], indexes: [] },
  watchBudgets: { table: 'identity', actions: ['GetItem'], indexes: ['byOwner'] },
  readAlerts: { table: 'catalog', actions: READ, indexes: [] },
  // Nothing else of the catalog: neither models nor settings.
  keepAlerts: { table: 'catalog', actions: WRITE, indexes: [], partitions: ALERT_PARTITION_PREFIX },
  priceUsage: { table: 'catalog', actions: ['GetItem'], indexes: [] },
  keepContent: { table: 'content', actions: ['GetItem', 'Query', 'PutItem', 'DeleteItem'], indexes: [] },
  // Whoever runs a job lists no conversations.
  keepResponses: { table: 'content', actions: ['GetItem', 'PutItem', 'DeleteItem'], indexes: [] },
  // With keepContent: who holds a job changes by conditional updates.
  keepJobs: { table: 'content', actions: ['UpdateItem'], indexes: [], partitions: JOB_PARTITION_PREFIX },
  sweepJobs: {
    table: 'content',
    actions: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
    indexes: [],
    partitions: JOB_PARTITION_PREFIX,
  },
  // The relay keeps what is there and counts it; what there is, and taking it away, are admin's.
  indexMedia: {
    table: 'content',
    actions: ['PutItem', 'UpdateItem'],
    indexes: [],
    partitions: MEDIA_PARTITION_PREFIX,
  },
  manageMedia: {
    table: 'content',
    actions: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
    indexes: [],
    partitions: MEDIA_PARTITION_PREFIX,
  },
  // Admin shows and deletes what was said, and can put no words into anybody's mouth.
  manageConversations: {
    table: 'content',
    actions: [...READ, 'DeleteItem'],
    indexes: [],
    partitions: Object.values(CONVERSATION_PARTITION_PREFIXES),
  },
  migrateIdentity: { table: 'identity', actions: MIGRATE, indexes: [] },
  migrateVault: { table: 'vault', actions: MIGRATE, indexes: [] },
  migrateLedger: { table: 'ledger', actions: MIGRATE, indexes: [] },
  migrateCatalog: { table: 'catalog', actions: MIGRATE, indexes: [] },
  migrateContent: { table: 'content', actions: MIGRATE, indexes: [] },
} as const satisfies Record<string, TableUse>;

export type TableUseName = keyof typeof TABLE_USES;

/** The five tables of architecture.md §4: retained, recoverable to any second of 35 days, protected from deletion. */
export class Tables extends Construct {
  private readonly tables: ReadonlyMap<TableContext, dynamodb.TableV2>;
  private readonly restored: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.restored = settings.restoredTables ?? {};
    this.tables = new Map(
      (Object.keys(TABLES) as TableContext[]).map((context) => [context, this.createTable(TABLES[context], settings)]),
    );
  }

  /** Gives the right and the table's name in one call. */
  grant(target: GatewayFunction, ...uses: readonly TableUseName[]): void {
    for (const name of uses) {
      const use: TableUse = TABLE_USES[name];
      const table = this.servingTable(target, use.table);
      target.grant({
        actions: use.actions.map((action) => `dynamodb:${action}`),
        resources: [table.tableArn],
        conditions: partitionCondition(use),
        environment: { [TABLES[use.table].environmentName]: table.tableName },
      });
      if (use.indexes.length === 0) continue;
      target.grant({
        actions: ['dynamodb:Query'],
        resources: use.indexes.map((index) => `${table.tableArn}/index/${index}`),
      });
    }
  }

  /** The table that functions use: the stack's own, or the one that was restored in its place (docs/runbook.md). */
  private servingTable(target: GatewayFunction, context: TableContext): { tableArn: string; tableName: string } {
    const own = this.table(context);
    const tableName = this.restored[context];
    if (tableName === undefined) return own;
    // The exports stay, or CloudFormation would refuse to take away what the service still reads.
    for (const value of [own.tableArn, own.tableName]) Stack.of(own).exportValue(value);
    return {
      tableName,
      tableArn: Stack.of(target).formatArn({ service: 'dynamodb', resource: 'table', resourceName: tableName }),
    };
  }

  private table(context: TableContext): dynamodb.TableV2 {
    const table = this.tables.get(context);
    if (table === undefined) throw new Error(`no table ${context}`);
    return table;
  }

  private createTable(name: TableName, settings: Settings): dynamodb.TableV2 {
    const table = new dynamodb.TableV2(this, name.id, {
      partitionKey: text(PARTITION_KEY),
      sortKey: text(SORT_KEY),
      timeToLiveAttribute: TIME_TO_LIVE,
      billing: dynamodb.Billing.onDemand(fuseOf(settings)),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: name.indexes.map((index) => ({ ...indexProps(index), ...fuseOf(settings) })),
    });
    // The logical id is part of the data: another id is another, empty table.
    (table.node.defaultChild as dynamodb.CfnGlobalTable).overrideLogicalId(`${name.id}Table`);
    return table;
  }
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */
function partitionCondition({ partitions }: TableUse): Grant['conditions'] {
  if (partitions === undefined) return undefined;
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [partitions].flat().map((prefix) => `${prefix}*`) } };
}

function indexProps(index: IndexName): dynamodb.GlobalSecondaryIndexPropsV2 {
  return {
    indexName: index.name,
    partitionKey: text(index.partitionKey),
    sortKey: text(index.sortKey),
    projectionType: index.projection === 'all' ? dynamodb.ProjectionType.ALL : dynamodb.ProjectionType.KEYS_ONLY,
  };
}

/** A runaway client meets throttling, not a bill. */
function fuseOf(settings: Settings): { maxReadRequestUnits: number; maxWriteRequestUnits: number } {
  return { maxReadRequestUnits: settings.tableReadUnits, maxWriteRequestUnits: settings.tableWriteUnits };
}

function text(name: string): dynamodb.Attribute {
  return { name, type: dynamodb.AttributeType.STRING };
}
