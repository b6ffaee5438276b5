/**
 * What the embedded AWS of the local stack offers to the runner. Types only; the functions are in:
 *
 *   dynamodb/server.ts       createDynamoDbServer(options: DynamoDbOptions): Promise<DynamoDbServer>
 *   dynamodb/create-table.ts createTable({ url, tableName, properties }): Promise<void>
 *   s3/server.ts             createS3Server(options: S3Options): Promise<S3Server>
 *   stand-ins/server.ts      createAwsStandIns(options: StandInOptions): Promise<AwsStandIns>
 *   stand-ins/generate-secret.ts generateSecret(specification: GenerateSecretString): string
 *   main.ts                  child process: `fork(main.ts, [JSON.stringify(StoreProcessOptions)])` answers by
 *                            IPC with StoreReady once, answers { type: 'counters' } with StoreCounters,
 *                            and leaves on SIGTERM or on a lost IPC channel with all data on disk.
 *
 * Every server listens on 127.0.0.1 only. `port` absent or 0 means any free port.
 */

import type { AccessControl, Denial } from '../permissions/access.ts';
import type { AccessRules } from '../permissions/rules.ts';

/** One call, as seen by the table service's front: one report for each table that the call touched. */
export interface DynamoDbCall {
  readonly operation: string;
  readonly table: string;
  /** Write units, index units included, counted as on-demand tables count them. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Who called: the access key id of the request's signature. */
  readonly accessKeyId: string;
  /** The error's short name, such as ConditionalCheckFailedException; absent on success. */
  readonly error?: string;
}

/** Who may call, and where the tables stand that calls name. */
export interface Permissions {
  readonly access: AccessControl;
  /** Undefined until the template has been read; only operators call before that. */
  rules(): AccessRules | undefined;
}

export interface DynamoDbOptions {
  /** Where the data lives; null keeps it in memory. */
  readonly directory: string | null;
  readonly port?: number;
  readonly onCall?: (call: DynamoDbCall) => void;
  /** Decides which calls are served; absent: all. */
  readonly permissions?: Permissions;
  /** The clock that decides which items have expired, in milliseconds. */
  readonly now?: () => number;
  /** How often expired items are swept; default 10 minutes. */
  readonly sweepIntervalMs?: number;
}

/** Units by table and operation since the start, or since the last reset. */
export type DynamoDbCounters = Record<string, Record<string, { calls: number; writeUnits: number; readUnits: number }>>;

export interface DynamoDbServer {
  readonly url: string;
  readonly port: number;
  /** Deletes items whose time to live has passed; answers how many. Runs by itself now and then. */
  sweepExpired(): Promise<number>;
  counters(): DynamoDbCounters;
  resetCounters(): void;
  close(): Promise<void>;
}

/** The resolved properties of AWS::DynamoDB::GlobalTable that the store needs; others are accepted and unused. */
export interface TableProperties {
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly { AttributeName: string; AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly IndexProperties[];
  readonly LocalSecondaryIndexes?: readonly IndexProperties[];
  readonly TimeToLiveSpecification?: { AttributeName?: string; Enabled: boolean | string };
  readonly [other: string]: unknown;
}

export interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

export interface IndexProperties {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: { ProjectionType?: string; NonKeyAttributes?: readonly string[] };
  readonly [other: string]: unknown;
}

export interface S3Options {
  readonly directory: string;
  readonly port?: number;
  /** Decides which calls are served, unsigned and presigned ones included; absent: all. */
  readonly access?: AccessControl;
  /** The secret of an access key id, to verify presigned addresses and forms by; absent: they are believed. */
  readonly secretOf?: (accessKeyId: string) => string;
  /** The clock of Last-Modified and of presigned expiry, in milliseconds. */
  readonly now?: () => number;
}

export interface S3Server {
  /** Path-style endpoint: `${url}/<bucket>/<key>`. Plain unsigned GET and HEAD are served, for the CDN. */
  readonly url: string;
  readonly port: number;
  /** Idempotent. */
  createBucket(name: string): Promise<void>;
  close(): Promise<void>;
}

/** The template's GenerateSecretString (AWS::SecretsManager::Secret). */
export interface GenerateSecretString {
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
  readonly PasswordLength?: number | string;
  readonly ExcludeCharacters?: string;
  readonly ExcludePunctuation?: boolean | string;
  readonly ExcludeNumbers?: boolean | string;
  readonly ExcludeLowercase?: boolean | string;
  readonly ExcludeUppercase?: boolean | string;
  readonly IncludeSpace?: boolean | string;
  readonly RequireEachIncludedType?: boolean | string;
}

export interface LambdaInvocation {
  readonly functionName: string;
  readonly payload: unknown;
  readonly type: 'RequestResponse' | 'Event';
  readonly accessKeyId: string;
}

/** What a function answered: its payload, or the error object as the runtime reports it. */
export interface LambdaOutcome {
  readonly payload?: unknown;
  readonly error?: { errorType: string; errorMessage: string; trace?: readonly string[] };
}

/** A sent mail, as the outbox keeps it. */
export interface OutboxMail {
  readonly messageId: string;
  /** ISO 8601. */
  readonly sentAt: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
}

/** One call to a stand-in, before it is served; throwing an `awsFailure` (stand-ins/aws-failure.ts) refuses it. */
export interface StandInCall {
  readonly service: 'secretsmanager' | 'lambda' | 'ses';
  readonly operation: string;
  /** Secret name or ARN, function name, or sender. */
  readonly resource: string;
  /** The ARN of that. */
  readonly arn: string;
  readonly accessKeyId: string;
}

export interface StandInOptions {
  readonly port?: number;
  /** secrets.json: created 0600 and rewritten whole at each change. */
  readonly secretsFile: string;
  readonly region?: string;
  readonly accountId?: string;
  /** Answers null, at once, for an unknown function. */
  readonly invoke: (invocation: LambdaInvocation) => Promise<LambdaOutcome> | null;
  /** Each mail becomes `<id>.eml` and `<id>.json` (an OutboxMail) here; ids rise with time. */
  readonly outboxDirectory: string;
  readonly onCall?: (call: StandInCall) => void;
  readonly now?: () => number;
}

export interface AwsStandIns {
  /** One endpoint for all three: AWS_ENDPOINT_URL_SECRETS_MANAGER, _LAMBDA and _SESV2. */
  readonly url: string;
  readonly port: number;
  /** Creates the secret on the first call, answers its ARN; an existing value is never replaced. */
  ensureSecret(secret: EnsureSecret): Promise<string>;
  /** The current SecretString by name or ARN; null when there is no such secret. */
  readSecret(nameOrArn: string): string | null;
  close(): Promise<void>;
}

export interface EnsureSecret {
  readonly name: string;
  readonly description?: string;
  /** Exactly one of the two, as in the template. */
  readonly secretString?: string;
  readonly generate?: GenerateSecretString;
}

/** argv[2] of the child process, as JSON. */
export interface StoreProcessOptions {
  readonly dynamoDb: { readonly directory: string | null; readonly port?: number };
  readonly s3: { readonly directory: string; readonly port?: number };
  /** Shift of this process's clock against the machine's, in milliseconds. */
  readonly clockOffsetMs?: number;
  /** Calls are checked; without it everybody may do everything. */
  readonly permissions?: {
    /** Absent until the runner has read the template. */
    readonly rules?: AccessRules;
    /** Gets a line for each grant at its first use. */
    readonly recordFile?: string;
  };
}

/** To the child. */
export type StoreCommand =
  | { type: 'counters' }
  | { type: 'reset-counters' }
  | { type: 'sweep' }
  | { type: 'clock'; offsetMs: number }
  | { type: 'permissions'; permissions: NonNullable<StoreProcessOptions['permissions']> };

export type StoreMessage =
  | { type: 'ready'; dynamoDbUrl: string; s3Url: string; pid: number }
  | { type: 'failed'; message: string }
  | { type: 'counters'; counters: DynamoDbCounters }
  | { type: 'swept'; items: number }
  | { type: 'permissions-set' }
  | { type: 'denied'; denial: Denial };
