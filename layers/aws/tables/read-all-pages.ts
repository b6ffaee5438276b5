import type { Document, ItemKey, QueryRequest, TableClient } from '../table-client.ts';

/** Every item of a query. For lists that are small by nature (upstreams, models), never for anything that grows. */
export async function readAllPages(client: TableClient, request: Omit<QueryRequest, 'startKey'>): Promise<Document[]> {
  const items: Document[] = [];
  let startKey: ItemKey | null = null;
  do {
    const page = await client.query({ ...request, startKey });
    items.push(...page.items);
    startKey = page.nextKey;
  } while (startKey !== null);
  return items;
}
