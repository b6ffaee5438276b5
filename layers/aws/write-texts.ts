import { attributeMapText } from './attribute-values.ts';
import type { PutRequest, UpdateRequest, Write } from './table-client.ts';

/*
 * The two writes that every request makes, as the JSON text that goes over the wire: no map of attribute values is made
 * for it and walked again. They say what table-operations.ts says in objects.
 */

export function putText(request: PutRequest): string {
  return `{${writeText(request)},"Item":${attributeMapText(request.item)}}`;
}

const RETURN_VALUES = { none: 'NONE', old: 'ALL_OLD', new: 'ALL_NEW' } as const;

export function updateText(request: UpdateRequest): string {
  const { key, update, returns = 'none' } = request;
  const change = `"Key":${attributeMapText(key)},"UpdateExpression":${JSON.stringify(update)}`;
  return `{${writeText(request)},${change},"ReturnValues":"${RETURN_VALUES[returns]}"}`;
}

function writeText({ table, names, values, condition }: Write): string {
  let text = `"TableName":${JSON.stringify(table)}`;
  if (names) text += `,"ExpressionAttributeNames":${JSON.stringify(names)}`;
  if (values) text += `,"ExpressionAttributeValues":${attributeMapText(values)}`;
  if (!condition) return text;
  return `${text},"ConditionExpression":${JSON.stringify(condition)},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"`;
}
