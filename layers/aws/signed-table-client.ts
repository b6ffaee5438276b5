import { createAwsJsonClient, type AwsJsonClientOptions } from './aws-json-client.ts';
import type { TableClient, Write } from './table-client.ts';
import { createTableOperations, outcomeOf, READ_OPERATIONS, type TableOperation } from './table-operations.ts';
import { putText, updateText } from './write-texts.ts';

/** The table client of the relay's hot path: signed calls without the SDK. */
export function createSignedTableClient(options: Omit<AwsJsonClientOptions, 'service'>): TableClient {
  const client = createAwsJsonClient({ ...options, service: 'dynamodb' });
  const operations = createTableOperations({
    send: (operation, input, { repeatable }) =>
      client.call(operation, input, { repeatable, isRead: READ_OPERATIONS.has(operation) }),
    close: () => client.close(),
  });
  /** Async, so that what cannot be stored is a rejection. */
  const callText = async <Request extends Write>(
    operation: TableOperation,
    textOf: (request: Request) => string,
    request: Request,
  ): Promise<unknown> => client.call(operation, textOf(request), { repeatable: request.repeatable ?? false });
  return {
    ...operations,
    put: (request) => outcomeOf(callText('PutItem', putText, request)),
    update: (request) => outcomeOf(callText('UpdateItem', updateText, request)),
  };
}
