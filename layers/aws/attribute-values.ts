import type { Document, DocumentValue } from './table-client.ts';

/**
 * Plain values ⇄ DynamoDB's attribute values in their JSON form. Exact: a number that JavaScript cannot hold exactly
 * is an error in both directions, never rounded.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { NULL: true }
  /** base64 */
  | { B: string }
  | { L: AttributeValue[] }
  | { M: AttributeMap };

export type AttributeMap = { [name: string]: AttributeValue };

export function toAttributeMap(document: Document): AttributeMap {
  const map: AttributeMap = {};
  for (const name in document) {
    const value = document[name];
    if (value !== undefined && Object.hasOwn(document, name)) setOwn(map, name, toAttributeValue(value));
  }
  return map;
}

export function fromAttributeMap(map: unknown): Document {
  if (typeof map !== 'object' || map === null) throw new TypeError('An item is not a map of attribute values.');
  const document: Record<string, DocumentValue> = {};
  for (const [name, value] of Object.entries(map)) setOwn(document, name, fromAttributeValue(value));
  return document;
}

function toAttributeValue(value: DocumentValue): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: numberText(value) };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      if (value === null) return { NULL: true };
      if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
      if (isList(value)) return { L: value.map(toAttributeValue) };
      return { M: toAttributeMap(value) };
    default:
      throw new TypeError(`A ${typeof value} cannot be stored.`);
  }
}

/** The JSON text of what `toAttributeMap` makes. */
export function attributeMapText(document: Document): string {
  let text = '';
  for (const name in document) {
    const value = document[name];
    if (value === undefined || !Object.hasOwn(document, name)) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${attributeText(value)}`;
  }
  return `{${text}}`;
}

function attributeText(value: DocumentValue): string {
  switch (typeof value) {
    case 'string':
      return `{"S":${JSON.stringify(value)}}`;
    case 'number':
      return `{"N":"${numberText(value)}"}`;
    case 'boolean':
      return value ? '{"BOOL":true}' : '{"BOOL":false}';
    case 'object':
      if (value === null) return '{"NULL":true}';
      if (value instanceof Uint8Array) return `{"B":"${Buffer.from(value).toString('base64')}"}`;
      if (isList(value)) return `{"L":[${value.map(attributeText).join(',')}]}`;
      return `{"M":${attributeMapText(value)}}`;
    default:
      throw new TypeError(`A ${typeof value} cannot be stored.`);
  }
}

function isList(value: DocumentValue): value is readonly DocumentValue[] {
  return Array.isArray(value);
}

function fromAttributeValue(value: unknown): DocumentValue {
  if (typeof value !== 'object' || value === null) throw new TypeError('An attribute value is not an object.');
  if ('S' in value) return value.S as string;
  if ('N' in value) return numberOf(value.N as string);
  if ('M' in value) return fromAttributeMap(value.M);
  if ('BOOL' in value) return value.BOOL as boolean;
  if ('NULL' in value) return null;
  if ('L' in value) return (value.L as unknown[]).map(fromAttributeValue);
  if ('B' in value) return bytesOf(value.B as string | Uint8Array);
  throw new TypeError(`An attribute of type ${Object.keys(value).join()} is not one that we write.`);
}

/** Base64 on the wire, bytes from the SDK. */
function bytesOf(binary: string | Uint8Array): Uint8Array {
  return new Uint8Array(typeof binary === 'string' ? Buffer.from(binary, 'base64') : binary);
}

/** DynamoDB holds magnitudes from 1E-130 to 9.99…E+125. */
const SMALLEST = 1e-130;

function numberText(value: number): string {
  const exact = Number.isInteger(value)
    ? Number.isSafeInteger(value)
    : Number.isFinite(value) && Math.abs(value) >= SMALLEST;
  if (!exact) throw new RangeError(`The number ${value} cannot be stored exactly.`);
  return String(value);
}

function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new RangeError(`The stored number ${text} does not fit a JavaScript number.`);
  }
  return value;
}

/** An attribute may be called `__proto__`, which a plain assignment would take for the prototype. */
function setOwn<Value>(target: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = value;
  }
}
