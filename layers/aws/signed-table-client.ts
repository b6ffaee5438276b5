import { createAwsJsonClient, type AwsJsonClientOptions } from './aws-json-client.ts';
import type { TableClient } from './table-client.ts';
import { createTableOperations, READ_OPERATIONS } from './table-operations.ts';

/** The table client of the relay's hot path: signed calls without the SDK. */
export function createSignedTableClient(options: Omit<AwsJsonClientOptions, 'service'>): TableClient {
  const client = createAwsJsonClient({ ...options, service: 'dynamodb' });
  return createTableOperations({
    send: (operation, input, { repeatable }) =>
      client.call(operation, input, { repeatable, isRead: READ_OPERATIONS.has(operation) }),
    close: () => client.close(),
  });
}
