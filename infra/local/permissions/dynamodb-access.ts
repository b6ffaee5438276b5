/**
 * What a call to the table service needs
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html): reads of an index are
 * checked on the index alone, members of transactions each as their single action, batches as themselves per table.
 */

import { isObject, listAt, objectAt, textAt, type Json, type JsonObject } from '../json.ts';
import type { AccessCall, AccessControl, Denial } from './access.ts';
import { LEADING_KEYS, type Context } from './conditions.ts';
import type { AccessRules } from './rules.ts';

type Access = Pick<AccessCall, 'action' | 'resource' | 'context'>;
type Places = Pick<AccessRules, 'region' | 'accountId' | 'partitionKeys'>;

const MEMBER_ACTIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;

export interface TableCall {
  readonly accessKeyId: string;
  readonly operation: string;
  readonly request: Readonly<Record<string, unknown>>;
}

/** The first thing that the caller may not do, or undefined. */
export function checkTableCall(access: AccessControl, places: Places, call: TableCall): Denial | undefined {
  for (const needed of accessesOf(call.operation, call.request as JsonObject, places)) {
    const denial = access.check({ accessKeyId: call.accessKeyId, ...needed });
    if (denial !== undefined) return denial;
  }
  return undefined;
}

/** Empty only for requests that the service refuses anyway, as those without a table. */
function accessesOf(operation: string, request: JsonObject, places: Places): Access[] {
  switch (operation) {
    case 'TransactWriteItems':
      return listAt(request['TransactItems']).flatMap((member) =>
        Object.entries(MEMBER_ACTIONS).flatMap(([kind, action]) => itemAccess(action, objectAt(member)[kind], places)),
      );
    case 'TransactGetItems':
      return listAt(request['TransactItems']).flatMap((member) =>
        itemAccess('GetItem', objectAt(member)['Get'], places),
      );
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.entries(objectAt(request['RequestItems'])).map(([table, items]) => ({
        action: `dynamodb:${operation}`,
        resource: tableArn(table, places),
        context: () => leadingKeys(table, batchMembers(items), places),
      }));
    case 'ListTables':
      return [{ action: 'dynamodb:ListTables', resource: '*' }];
    default:
      return itemAccess(operation, request, places);
  }
}

function itemAccess(action: string, request: Json | undefined, places: Places): Access[] {
  if (!isObject(request)) return [];
  const table = textAt(request['TableName']);
  if (table === undefined) return [];
  const index = textAt(request['IndexName']);
  const arn = tableArn(table, places);
  return [
    {
      action: `dynamodb:${action}`,
      resource: index === undefined ? arn : `${arn}/index/${index}`,
      context: () => leadingKeys(table, [request], places),
    },
  ];
}

function batchMembers(items: Json): JsonObject[] {
  if (!Array.isArray(items)) return listAt(objectAt(items)['Keys']).map((key) => ({ Key: key }));
  return items.map((member) => objectAt(objectAt(member)['PutRequest'] ?? objectAt(member)['DeleteRequest']));
}

/** The values of the partition key; a key of text, as the condition compares texts. */
function leadingKeys(table: string, members: readonly JsonObject[], { partitionKeys }: Places): Context {
  const attribute = partitionKeys[bareName(table)] ?? '';
  const values = members.map((member) => {
    const key =
      member['KeyConditionExpression'] === undefined
        ? objectAt(objectAt(member['Key'] ?? member['Item'])[attribute])
        : queriedKey(member, attribute);
    return textAt(Object.values(key)[0]) ?? '';
  });
  return { [LEADING_KEYS]: values };
}

const EQUALS = /(#?[\w.-]+)\s*=\s*(:\w+)/g;

/** What a query says that the partition key is; of an index, whose keys are others, nothing. */
function queriedKey(query: JsonObject, attribute: string): JsonObject {
  if (query['IndexName'] !== undefined) return {};
  const names = objectAt(query['ExpressionAttributeNames']);
  for (const [, name = '', value = ''] of (textAt(query['KeyConditionExpression']) ?? '').matchAll(EQUALS)) {
    if ((textAt(names[name]) ?? name) === attribute)
      return objectAt(objectAt(query['ExpressionAttributeValues'])[value]);
  }
  return {};
}

function tableArn(table: string, { region, accountId }: Places): string {
  return table.startsWith('arn:') ? table : `arn:aws:dynamodb:${region}:${accountId}:table/${table}`;
}

function bareName(table: string): string {
  return table.slice(table.lastIndexOf('/') + 1);
}
