/** DynamoDB's attribute values: size, equality and order as the developer guide defines them. */

import { compareDecimals } from './decimals.ts';

export interface AttributeValue {
  S?: string;
  N?: string;
  B?: string;
  BOOL?: boolean;
  NULL?: boolean;
  SS?: string[];
  NS?: string[];
  BS?: string[];
  L?: AttributeValue[];
  M?: Record<string, AttributeValue>;
}

export type Item = Record<string, AttributeValue>;
export type ValueType = keyof AttributeValue;

export function typeOf(value: AttributeValue): ValueType {
  for (const type in value) return type as ValueType;
  throw new TypeError('an attribute value without a type');
}

/** Size of a base64 text's bytes, without decoding it. */
function base64Size(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length * 3) / 4 - padding;
}

/** "Approximately (number of significant digits / 2) + 1 byte." */
function numberSize(text: string): number {
  const digits = text.replace(/^-/, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length;
  return Math.ceil(digits / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

function sum<T>(values: readonly T[], size: (value: T) => number): number {
  let total = 0;
  for (const value of values) total += size(value);
  return total;
}

/**
 * Bytes that a value counts for, by
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemSize(value.M);
  if (value.L !== undefined) return 3 + sum(value.L, (member) => 1 + valueSize(member));
  if (value.B !== undefined) return base64Size(value.B);
  if (value.SS !== undefined) return sum(value.SS, (member) => Buffer.byteLength(member));
  if (value.NS !== undefined) return sum(value.NS, numberSize);
  if (value.BS !== undefined) return sum(value.BS, base64Size);
  return 1;
}

/** Attribute names count too. */
export function itemSize(item: Item): number {
  let total = 0;
  for (const name in item) {
    const value = item[name];
    // An index entry names its projected attributes even when the item has none of that name.
    if (value !== undefined) total += Buffer.byteLength(name) + valueSize(value);
  }
  return total;
}

/** What the function `size()` answers for a value; null for types that have none. */
export function functionSize(value: AttributeValue): number | null {
  if (value.S !== undefined) return value.S.length;
  if (value.B !== undefined) return base64Size(value.B);
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.L ?? value.SS ?? value.NS ?? value.BS)?.length ?? null;
}

function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((member) => other.includes(member));
}

/** Equality of values, deep for lists and maps, without order for sets. */
export function sameValue(one: AttributeValue, other: AttributeValue): boolean {
  const type = typeOf(one);
  if (type !== typeOf(other)) return false;
  switch (type) {
    case 'N':
      return compareDecimals(one.N!, other.N!) === 0;
    case 'SS':
    case 'NS':
    case 'BS':
      return sameMembers(one[type]!, other[type]!);
    case 'L':
      return one.L!.length === other.L!.length && one.L!.every((member, at) => sameValue(member, other.L![at]!));
    case 'M':
      return sameItem(one.M!, other.M!);
    default:
      return one[type] === other[type];
  }
}

export function sameItem(one: Item, other: Item): boolean {
  const names = Object.keys(one).filter((name) => one[name] !== undefined);
  const others = Object.keys(other).filter((name) => other[name] !== undefined);
  return (
    names.length === others.length &&
    names.every((name) => other[name] !== undefined && sameValue(one[name]!, other[name]!))
  );
}

/** Order of two values of one ordered type (S by UTF-8 bytes, N by value, B by bytes); null when they have none. */
export function compareValues(one: AttributeValue, other: AttributeValue): number | null {
  if (one.N !== undefined && other.N !== undefined) return compareDecimals(one.N, other.N);
  if (one.S !== undefined && other.S !== undefined) return Buffer.compare(Buffer.from(one.S), Buffer.from(other.S));
  if (one.B !== undefined && other.B !== undefined) {
    return Buffer.compare(Buffer.from(one.B, 'base64'), Buffer.from(other.B, 'base64'));
  }
  return null;
}
