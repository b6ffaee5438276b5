import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  type DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { AwsError, kindOfAnswer, networkError, type CancellationReason } from './aws-error.ts';
import type { AwsSettings } from './env.ts';
import { withRetries, type RetryPolicy } from './retries.ts';
import type { TableClient } from './table-client.ts';
import { createTableOperations, READ_OPERATIONS, type TableOperation } from './table-operations.ts';

export interface SdkTableClientOptions {
  aws: AwsSettings;
  retries?: RetryPolicy | undefined;
}

/** The table client of everything that is not the hot path: the AWS SDK, with our own rule of what is sent again. */
export function createSdkTableClient({ aws, retries }: SdkTableClientOptions): TableClient {
  const client = new DynamoDBClient({
    region: aws.region,
    ...(aws.endpoints.dynamodb && { endpoint: aws.endpoints.dynamodb }),
    credentials: () => Promise.resolve(passingCredentials(aws)),
    // The SDK would send a write again after a lost answer; only the caller knows whether that is harmless.
    maxAttempts: 1,
    logger: SILENT,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  // Inside the SDK's own retry step, which may wrap an error of the socket and lose its code.
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isServiceAnswer(error) ? error : networkError(error);
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'sluiceNetworkErrors' },
  );
  const sendOnce = async (operation: TableOperation, input: object): Promise<unknown> => {
    try {
      // The commands' inputs differ by type only; `table-operations.ts` builds the right one for each operation.
      const Command = COMMANDS[operation] as new (input: unknown) => GetItemCommand;
      return await client.send(new Command(bytesFromBase64(input)));
    } catch (error) {
      throw sdkFailure(error);
    }
  };
  return createTableOperations({
    send: (operation, input, { repeatable }) =>
      withRetries(
        { send: () => sendOnce(operation, input), repeatable, isRead: READ_OPERATIONS.has(operation) },
        retries,
      ),
    close: async () => client.destroy(),
  });
}

/** Without `info`, for which the SDK would go over every answer to leave secrets out, even where nobody logs it. */
const SILENT = {
  trace: nothing,
  debug: nothing,
  warn: nothing,
  error: nothing,
} as unknown as DynamoDBClientConfig['logger'];

function nothing(): void {}

const COMMANDS = {
  GetItem: GetItemCommand,
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
  DeleteItem: DeleteItemCommand,
  Query: QueryCommand,
  Scan: ScanCommand,
  BatchGetItem: BatchGetItemCommand,
  TransactWriteItems: TransactWriteItemsCommand,
} as const satisfies Record<TableOperation, unknown>;

const CREDENTIALS_LIFE_MS = 5 * 60_000;

/** With an expiry, so that the SDK asks again and sees rotated ones. */
function passingCredentials(aws: AwsSettings): {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration: Date;
} {
  const { sessionToken, ...keys } = aws.credentials();
  return { ...keys, ...(sessionToken && { sessionToken }), expiration: new Date(Date.now() + CREDENTIALS_LIFE_MS) };
}

function isServiceAnswer(error: unknown): error is DynamoDBServiceException {
  return typeof error === 'object' && error !== null && '$fault' in error;
}

function sdkFailure(error: unknown): unknown {
  if (!isServiceAnswer(error)) return error;
  const status = error.$metadata.httpStatusCode ?? 0;
  const facts = error as { Item?: unknown; CancellationReasons?: CancellationReason[] };
  const cancellationReasons = facts.CancellationReasons;
  return new AwsError({
    name: error.name,
    message: error.message,
    kind: kindOfAnswer({ name: error.name, status, cancellationReasons }),
    status,
    ...(facts.Item !== undefined && { item: facts.Item }),
    cancellationReasons,
    cause: error,
  });
}

/**
 * The SDK takes binary attributes as bytes where the wire, and `attribute-values.ts`, have base64. `{B: …}` with one
 * member is a binary value; an attribute that is called B holds an object, never text.
 */
function bytesFromBase64(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bytesFromBase64);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === 'B' && typeof first[1] === 'string') {
    return { B: Buffer.from(first[1], 'base64') };
  }
  return Object.fromEntries(entries.map(([name, entry]) => [name, bytesFromBase64(entry)]));
}
