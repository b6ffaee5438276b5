/**
 * Names that the stack and the running code share: constants only. The one file of ours that `infra` imports.
 */

/** The attribute names of every table: partition key, sort key, time to live (epoch seconds). */
export const PARTITION_KEY = 'pk';
export const SORT_KEY = 'sk';
export const TIME_TO_LIVE = 'ttl';

/** What the partition keys of the pool's items in the vault table begin with; the relay may put items only there. */
export const POOL_PARTITION_PREFIX = 'pool';
/** Of them the log of what happened to credentials. */
export const CHANGE_PARTITION_PREFIX = `${POOL_PARTITION_PREFIX}Log`;
/** What the partition keys of the tokens of OAuth credentials begin with, and of all that goes with refreshing them. */
export const TOKEN_PARTITION_PREFIX = 'tokens';

/** Partition of when machine secrets were last presented, in the vault table; the vault may put items only there. */
export const MACHINE_USE_PARTITION = 'machineUse';

/** What the partition keys of all that credentials are found by begin with, in the vault table. */
export const CREDENTIAL_INDEX_PREFIX = 'credentialBy';
/** What the partition keys of media jobs begin with, in the content table, and of the list of those that are open. */
export const JOB_PARTITION_PREFIX = 'jobs';

/** The same of whose credentials are, in the vault table; recover-quotas may write only there. */
export const OWNED_PARTITION_PREFIX = 'owned';

/** The same of ledger accounts and of their list, in the ledger table; admin may write only there. */
export const ACCOUNT_PARTITION_PREFIX = 'account';

/** What the partition keys of last uses of keys in the identity table begin with; the relay may put items only there. */
export const KEY_USE_PARTITION_PREFIX = 'keyUse';

/** The same of counters of tries, in the identity table; the vault may count only there. */
export const THROTTLE_PARTITION_PREFIX = 'throttle';

/** What the partition keys of alerts begin with, in the catalog table; evaluate-alerts may write only there. */
export const ALERT_PARTITION_PREFIX = 'alert';

/**
 * What the partition keys of what is kept of conversations begin with, in the content table: of their list, of stored
 * responses, of chat sessions. Admin may read and delete there, and write nothing.
 */
export const CONVERSATION_PARTITION_PREFIXES = {
  list: 'conversation#',
  response: 'response#',
  session: 'session#',
} as const;

/** What the partition keys of the index of media begin with, in the content table; admin may use only those. */
export const MEDIA_PARTITION_PREFIX = 'mediaIndex';

export interface IndexName {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Thin indexes carry keys only; `all` carries the item. */
  readonly projection: 'keys' | 'all';
}

export interface TableName {
  /** The construct id; the table's logical id derives from it. Never change it. */
  readonly id: string;
  readonly environmentName: string;
  readonly indexes: readonly IndexName[];
}

export const IDENTITY_BY_OWNER = {
  name: 'byOwner',
  partitionKey: 'ownerPk',
  sortKey: 'ownerSk',
  projection: 'all',
} as const;
export const USAGE_BY_USER = { name: 'byUser', partitionKey: 'userPk', sortKey: 'sk', projection: 'keys' } as const;
export const USAGE_BY_KEY = { name: 'byKey', partitionKey: 'keyPk', sortKey: 'sk', projection: 'keys' } as const;

/** Tokens of enabled credentials, by when they are due and by when they were last refreshed. */
export const TOKENS_BY_DUE = { name: 'byDue', partitionKey: 'duePk', sortKey: 'dueSk', projection: 'keys' } as const;
export const TOKENS_BY_STALE = {
  name: 'byStale',
  partitionKey: 'duePk',
  sortKey: 'staleSk',
  projection: 'keys',
} as const;

/** Tables by bounded context (architecture.md §4). */
export const TABLES = {
  identity: { id: 'Identity', environmentName: 'IDENTITY_TABLE', indexes: [IDENTITY_BY_OWNER] },
  vault: { id: 'Vault', environmentName: 'VAULT_TABLE', indexes: [TOKENS_BY_DUE, TOKENS_BY_STALE] },
  ledger: { id: 'Ledger', environmentName: 'LEDGER_TABLE', indexes: [USAGE_BY_USER, USAGE_BY_KEY] },
  catalog: { id: 'Catalog', environmentName: 'CATALOG_TABLE', indexes: [] },
  content: { id: 'Content', environmentName: 'CONTENT_TABLE', indexes: [] },
} as const satisfies Record<string, TableName>;

export type TableContext = keyof typeof TABLES;

/** Environment variables that hold a secret's ARN; the values live in Secrets Manager (architecture.md §4). */
export const SECRETS = {
  /** JSON {"current": "...", "previous": "..."}: the header the CDN adds for the functions. */
  origin: { id: 'OriginSecret', environmentName: 'ORIGIN_SECRET' },
  /** JSON {"v1": "..."}: HMAC key of the keys that clients present. */
  pepper: { id: 'PepperSecret', environmentName: 'PEPPER_SECRET' },
  /** JSON {"v1": "..."}: seed of the Ed25519 key that signs access tokens; admin only. */
  signingSeed: { id: 'SigningSeedSecret', environmentName: 'SIGNING_SEED_SECRET' },
  /** JSON {"v1": "..."}: seed of the X25519 key that credentials are sealed to; vault and relay. */
  vaultSeed: { id: 'VaultSeedSecret', environmentName: 'VAULT_SEED_SECRET' },
  /** JSON {"username": "admin", "password": "..."}: the first administrator. */
  bootstrapAdmin: { id: 'BootstrapAdminSecret', environmentName: 'BOOTSTRAP_ADMIN_SECRET' },
} as const;

export type SecretContext = keyof typeof SECRETS;

export const ENVIRONMENT = {
  buildId: 'BUILD_ID',
  timeZoneOffsetMinutes: 'CACHE_RESET_TZ_OFFSET_MINUTES',
  mediaBucket: 'MEDIA_BUCKET',
  /** Bytes of one medium that is kept for serving. */
  mostMediaBytes: 'KV_CACHE_MAX_BYTES',
  /** Objects that one call of the sweep deletes. */
  mediaCleanupBatch: 'KV_CLEANUP_BATCH',
  publicApiPrefix: 'PUBLIC_API_PREFIX',
  /** Name of the vault function, which admin and relay ask for refreshes, and admin for its public key. */
  vaultFunction: 'VAULT_FUNCTION',
  /** Name of the function that runs media jobs. */
  mediaJobsFunction: 'MEDIA_JOBS_FUNCTION',
  /** JSON {"<schedule name>": "<function name>"} of the schedules that admin may run by hand. */
  scheduleFunctions: 'SCHEDULE_FUNCTIONS',
  /** Who mails come from; not set where none are sent. */
  mailSender: 'MAIL_FROM',
  /** CloudWatch's namespace of what a function measures. */
  metricsNamespace: 'METRICS_NAMESPACE',
  /** `off` has the relay's plain Node adapter send every write of a ledger account by itself; `on` when left out. */
  groupCommit: 'LEDGER_GROUP_COMMIT',
} as const;

/** Header names at the seam between the CDN and the functions. */
export const ORIGIN_SECRET_HEADER = 'x-sluice-origin-secret';
export const VIEWER_ADDRESS_HEADER = 'x-sluice-viewer-ip';
export const FORWARDED_HOST_HEADER = 'x-forwarded-host';

/** Version of the data's layout as a whole; items carry their own schema versions beside it. */
export const DATA_VERSION = 2;
