import { randomUUID } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { fromAttributeMap, toAttributeMap } from './attribute-values.ts';
import { isAwsError, type AwsError } from './aws-error.ts';
import type {
  Document,
  DocumentPage,
  ItemKey,
  Placeholders,
  TableClient,
  TransactAction,
  TransactOutcome,
  WriteOutcome,
} from './table-client.ts';

/** Sends one DynamoDB operation in its JSON form; retries included. */
export interface TableTransport {
  /** @throws AwsError */
  send(operation: TableOperation, input: object, options: { repeatable: boolean }): Promise<unknown>;
  close(): Promise<void>;
}

export type TableOperation =
  'GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query' | 'Scan' | 'BatchGetItem' | 'TransactWriteItems';

/** Those that change nothing; a scan is no part of a request. */
export const READ_OPERATIONS: ReadonlySet<string> = new Set<TableOperation>(['GetItem', 'Query', 'BatchGetItem']);

/** Everything of a table client but the way to DynamoDB, so that all clients behave alike. */
export function createTableOperations(transport: TableTransport, options: { sleep?: Sleep } = {}): TableClient {
  const read: Read = async (operation, input) => {
    try {
      return (await transport.send(operation, input, { repeatable: true })) as Answer;
    } catch (error) {
      throw storeFailure(error);
    }
  };
  return { ...readOperations(read, options.sleep ?? sleepFor), ...writeOperations(transport), close: transport.close };
}

type Sleep = (ms: number) => Promise<unknown>;
type Read = (operation: TableOperation, input: object) => Promise<Answer>;

function readOperations(read: Read, sleep: Sleep): Pick<TableClient, 'get' | 'query' | 'batchGet' | 'scan'> {
  return {
    async get({ table, key, consistent = false }) {
      const input = { TableName: table, Key: toAttributeMap(key), ConsistentRead: consistent };
      return itemOf((await read('GetItem', input)).Item);
    },
    async query(request) {
      const input = {
        TableName: request.table,
        ...(request.index && { IndexName: request.index }),
        KeyConditionExpression: request.keyCondition,
        ...(request.filter && { FilterExpression: request.filter }),
        ...placeholders(request),
        ...(request.limit && { Limit: request.limit }),
        ...(request.startKey && { ExclusiveStartKey: toAttributeMap(request.startKey) }),
        ScanIndexForward: request.forward ?? true,
        ...(request.consistent && { ConsistentRead: true }),
      };
      return pageOf(await read('Query', input));
    },
    async batchGet({ table, keys, consistent = false }) {
      const items: Document[] = [];
      for (let index = 0; index < keys.length; index += BATCH_GET_LIMIT) {
        const group = keys.slice(index, index + BATCH_GET_LIMIT).map(toAttributeMap);
        items.push(...(await getGroup({ read, sleep, table, keys: group, consistent })));
      }
      return items;
    },
    async scan(request) {
      const input = {
        TableName: request.table,
        ConsistentRead: true,
        ...(request.limit && { Limit: request.limit }),
        ...(request.startKey && { ExclusiveStartKey: toAttributeMap(request.startKey) }),
      };
      return pageOf(await read('Scan', input));
    },
  };
}

/** What became of a write. @throws GatewayError `store_unavailable` */
export async function outcomeOf(sending: Promise<unknown>): Promise<WriteOutcome> {
  try {
    return { ok: true, item: itemOf(((await sending) as Answer).Attributes) };
  } catch (error) {
    if (isAwsError(error) && error.name === 'ConditionalCheckFailedException') {
      return { ok: false, existing: itemOf(error.item), resent: error.resent };
    }
    throw storeFailure(error);
  }
}

function writeOperations(transport: TableTransport): Pick<TableClient, 'put' | 'update' | 'delete' | 'transactWrite'> {
  const write = (operation: TableOperation, input: object, repeatable = false): Promise<WriteOutcome> =>
    outcomeOf(transport.send(operation, input, { repeatable }));
  return {
    put: (request) =>
      write('PutItem', { ...writeInput(request), Item: toAttributeMap(request.item) }, request.repeatable),
    update: (request) => {
      const input = {
        ...writeInput(request),
        Key: toAttributeMap(request.key),
        UpdateExpression: request.update,
        ReturnValues: RETURN_VALUES[request.returns ?? 'none'],
      };
      return write('UpdateItem', input, request.repeatable);
    },
    delete: (request) => {
      const returns = RETURN_VALUES[request.returns ?? 'none'];
      const input = { ...writeInput(request), Key: toAttributeMap(request.key), ReturnValues: returns };
      return write('DeleteItem', input, request.repeatable);
    },
    async transactWrite(actions) {
      // The token makes the service recognise a call that it has seen already, for ten minutes.
      const input = { TransactItems: actions.map(transactItem), ClientRequestToken: randomUUID() };
      try {
        await transport.send('TransactWriteItems', input, { repeatable: true });
        return { ok: true };
      } catch (error) {
        if (isRefusedTransaction(error)) return refusedTransaction(error);
        throw storeFailure(error);
      }
    },
  };
}

interface Answer {
  Item?: unknown;
  Attributes?: unknown;
  Items?: unknown[];
  LastEvaluatedKey?: unknown;
  Responses?: Record<string, unknown[]>;
  UnprocessedKeys?: Record<string, { Keys?: object[] }>;
}

const RETURN_VALUES = { none: 'NONE', old: 'ALL_OLD', new: 'ALL_NEW' } as const;
const BATCH_GET_LIMIT = 100;
const BATCH_GET_ROUNDS = 8;

function placeholders(request: Placeholders): object {
  return {
    ...(request.names && { ExpressionAttributeNames: request.names }),
    ...(request.values && { ExpressionAttributeValues: toAttributeMap(request.values) }),
  };
}

function writeInput(request: Placeholders & { table: string; condition?: string | undefined }): object {
  return {
    TableName: request.table,
    ...placeholders(request),
    ...(request.condition && {
      ConditionExpression: request.condition,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  };
}

function transactItem(action: TransactAction): object {
  const input = writeInput(action);
  switch (action.kind) {
    case 'put':
      return { Put: { ...input, Item: toAttributeMap(action.item) } };
    case 'update':
      return { Update: { ...input, Key: toAttributeMap(action.key), UpdateExpression: action.update } };
    case 'delete':
      return { Delete: { ...input, Key: toAttributeMap(action.key) } };
    case 'check':
      return { ConditionCheck: { ...input, Key: toAttributeMap(action.key) } };
  }
}

function itemOf(attributes: unknown): Document | null {
  return attributes ? fromAttributeMap(attributes) : null;
}

function pageOf(answer: Answer): DocumentPage {
  return {
    items: (answer.Items ?? []).map(fromAttributeMap),
    // Key attributes are strings or numbers in every table.
    nextKey: answer.LastEvaluatedKey ? (fromAttributeMap(answer.LastEvaluatedKey) as ItemKey) : null,
  };
}

/** One group of at most 100 keys; what DynamoDB left out (16 MB, throttling) is asked for again after a pause. */
async function getGroup(input: {
  read: Read;
  sleep: Sleep;
  table: string;
  keys: object[];
  consistent: boolean;
}): Promise<Document[]> {
  const items: Document[] = [];
  let keys = input.keys;
  for (let round = 0; keys.length > 0; round += 1) {
    if (round >= BATCH_GET_ROUNDS) throw unavailable('BatchGetItem left keys unprocessed.');
    if (round > 0) await input.sleep(25 * 2 ** round);
    const request = { [input.table]: { Keys: keys, ConsistentRead: input.consistent } };
    const answer = await input.read('BatchGetItem', { RequestItems: request });
    items.push(...(answer.Responses?.[input.table] ?? []).map(fromAttributeMap));
    keys = answer.UnprocessedKeys?.[input.table]?.Keys ?? [];
  }
  return items;
}

/** A failed condition is definite, whatever else stopped other actions of the same transaction. */
function isRefusedTransaction(error: unknown): error is AwsError {
  return (
    isAwsError(error) &&
    error.name === 'TransactionCanceledException' &&
    error.cancellationReasons.some((reason) => reason.Code === 'ConditionalCheckFailed') &&
    error.cancellationReasons.every((reason) => reason.Code !== 'ValidationError')
  );
}

function refusedTransaction(error: AwsError): TransactOutcome {
  const refused = error.cancellationReasons.map((reason) =>
    reason.Code === 'ConditionalCheckFailed' ? { existing: itemOf(reason.Item) } : null,
  );
  return { ok: false, refused, resent: error.resent };
}

/** A store that cannot be reached or is too busy is the caller's 503; whatever else went wrong is ours. */
function storeFailure(error: unknown): unknown {
  if (!isAwsError(error) || error.kind === 'refused') return error;
  return unavailable(`${error.name}: ${error.message}`, error);
}

function unavailable(internal: string, cause?: unknown): GatewayError {
  return new GatewayError('store_unavailable', {
    message: 'The data store did not answer. Please try again.',
    retryAfterSeconds: 1,
    internal,
    cause,
  });
}
