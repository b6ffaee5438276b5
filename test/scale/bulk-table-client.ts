import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Document, TableClient } from '../../layers/aws/table-client.ts';

const AT_ONCE = 25;

export interface BulkTableClient extends TableClient {
  /** Sends what is left. */
  flush(): Promise<void>;
}

/**
 * Fills tables quickly with what is new: puts are sent together, without their conditions, what was read once is not
 * read again, and updates are left out: of what is new only counts are updated, which nothing here depends on.
 */
export function createBulkTableClient(client: TableClient, documents: DynamoDBDocumentClient): BulkTableClient {
  const waiting = new Map<string, Map<string, Document>>();

  async function send(table: string): Promise<void> {
    const items = [...(waiting.get(table)?.values() ?? [])];
    waiting.delete(table);
    for (let at = 0; at < items.length; at += AT_ONCE) {
      const requests = items.slice(at, at + AT_ONCE).map((Item) => ({ PutRequest: { Item } }));
      const { UnprocessedItems } = await documents.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
      if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('The table service left items out.');
    }
  }

  async function add(table: string, item: Document): Promise<void> {
    const items = waiting.get(table) ?? new Map<string, Document>();
    waiting.set(table, items);
    items.set(JSON.stringify([item['pk'], item['sk']]), item);
    if (items.size >= AT_ONCE * 4) await send(table);
  }

  const known = new Map<string, Promise<Document | null>>();

  return {
    ...client,
    get(request) {
      const name = JSON.stringify([request.table, request.key]);
      const found = known.get(name) ?? client.get(request);
      known.set(name, found);
      return found;
    },
    async put({ table, item }) {
      await add(table, item);
      return { ok: true, item: null };
    },
    async transactWrite(actions) {
      for (const action of actions) {
        if (action.kind === 'put') await add(action.table, action.item);
        if (action.kind === 'delete') throw new Error('What is new deletes nothing.');
      }
      return { ok: true };
    },
    async flush() {
      for (const table of waiting.keys()) await send(table);
    },
  };
}
