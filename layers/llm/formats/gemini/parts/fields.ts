import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import { asObject, pathOf, wrongType } from '../../reading.ts';

/** The API reads each member under its JSON name and its proto name: https://protobuf.dev/programming-guides/json/ */
export function field(object: JsonObject, name: string): Json | undefined {
  const value = object[name];
  return value === undefined ? object[snakeOf(name)] : value;
}

const SNAKE_NAMES = new Map<string, string>();

export function snakeOf(name: string): string {
  let snake = SNAKE_NAMES.get(name);
  if (snake === undefined) {
    snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    SNAKE_NAMES.set(name, snake);
  }
  return snake;
}

/** Only for the names that this package writes: a client's own keys never come here. */
export function camelOf(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_mark, letter: string) => letter.toUpperCase());
}

/** Reads what is there; null where nothing is. */
export function optionalField<Value>(
  object: JsonObject,
  name: string,
  read: (value: unknown, path: string) => Value,
  parent = '',
): Value | null {
  const value = field(object, name);
  return value == null ? null : read(value, pathOf(parent, name));
}

/** A repeated field; a single object stands for a list of one, as the API takes it. */
export function asList(value: unknown, path: string): JsonObject[] {
  if (isJsonObject(value)) return [value];
  if (!Array.isArray(value)) throw wrongType(path, 'an array');
  return value.map((item, index) => asObject(item, pathOf(path, index)));
}

/** Members of the object that are not among the names, camel-cased; null when there are none. */
export function membersBeyond(object: JsonObject, names: ReadonlySet<string>): JsonObject | null {
  let rest: JsonObject | null = null;
  for (const [key, value] of Object.entries(object)) {
    const name = camelOf(key);
    if (names.has(name) || value === null) continue;
    rest ??= {};
    rest[name] = value;
  }
  return rest;
}
