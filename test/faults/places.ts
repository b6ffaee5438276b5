import type { TableOperation } from '../../layers/aws/table-operations.ts';

interface CallInput {
  Key?: Record<string, { S?: string }>;
  Item?: Record<string, { S?: string }>;
  ExpressionAttributeValues?: Record<string, { S?: string }>;
  UpdateExpression?: string;
  TransactItems?: Record<string, CallInput>[];
  RequestItems?: unknown;
}

/** A call of a store by what it is for, e.g. `UpdateItem account (settle)`. */
export function nameOfCall(operation: TableOperation, input: object): string {
  const call = input as CallInput;
  if (call.TransactItems) {
    const inner = call.TransactItems.flatMap((item) => Object.values(item)).map(subjectOf);
    return `${operation} ${[...new Set(inner)].join(' + ')}`;
  }
  const purpose = operation === 'UpdateItem' ? purposeOf(call) : '';
  return `${operation} ${subjectOf(call)}${purpose}`;
}

/** The kind of item, from the beginning of its partition key. */
function subjectOf(call: CallInput): string {
  if (call.RequestItems !== undefined) return 'many';
  const keys = call.Key ?? call.Item;
  const partition = keys?.['pk']?.S ?? partitionOf(call.ExpressionAttributeValues);
  const [kind = ''] = partition.split('#');
  return kind === 'slice' ? 'event' : kind;
}

function partitionOf(values: CallInput['ExpressionAttributeValues']): string {
  return Object.values(values ?? {}).find(({ S }) => S !== undefined)?.S ?? '';
}

function purposeOf({ UpdateExpression = '', Key }: CallInput): string {
  if (!Key?.['pk']?.S?.startsWith('account#')) return '';
  if (/\bREMOVE\b/.test(UpdateExpression)) return ' (settle)';
  return UpdateExpression.includes('if_not_exists') ? ' (ensure)' : ' (admit)';
}
