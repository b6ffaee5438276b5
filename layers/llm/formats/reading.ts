import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isExactNumber } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type Json, type JsonObject } from '../neutral/json.ts';

/**
 * Readers of what clients write: strict, and naming the path of the field at fault. A `null` counts as absent, as it
 * does for all vendors. For what vendors write there are the `loose…` readers, which never throw.
 */

/** `messages` + 3 → `messages[3]`; `` + `model` → `model`; `tools[0]` + `name` → `tools[0].name`. */
export function pathOf(parent: string, step: string | number): string {
  if (typeof step === 'number') return `${parent}[${step}]`;
  return parent === '' ? step : `${parent}.${step}`;
}

export function invalidField(path: string, message: string): GatewayError {
  return new GatewayError('invalid_field', { message, param: path });
}

export function wrongType(path: string, wanted: string): GatewayError {
  return invalidField(path, `'${path}' must be ${wanted}.`);
}

export function missingField(path: string): GatewayError {
  return invalidField(path, `Missing required parameter: '${path}'.`);
}

export function asString(value: unknown, path: string): string {
  if (value == null) throw missingField(path);
  if (typeof value !== 'string') throw wrongType(path, 'a string');
  return value;
}

export function asText(value: unknown, path: string): string {
  const text = asString(value, path);
  if (text === '') throw wrongType(path, 'a non-empty string');
  return text;
}

export function asBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw wrongType(path, 'a boolean');
  return value;
}

/** Also of a number that is kept as its text, `1.0` among them. */
export function asNumber(value: unknown, path: string): number {
  const number = looseNumber(value);
  if (number === null || !Number.isFinite(number)) throw wrongType(path, 'a number');
  return number;
}

export function asInteger(value: unknown, path: string): number {
  const number = looseNumber(value);
  if (number === null || !Number.isSafeInteger(number)) throw wrongType(path, 'an integer');
  return number;
}

/** A whole number from 1 on. */
export function asCount(value: unknown, path: string): number {
  const number = looseNumber(value);
  if (number === null || !Number.isSafeInteger(number) || number < 1) throw wrongType(path, 'a positive integer');
  return number;
}

export function asObject(value: unknown, path: string): JsonObject {
  if (value == null) throw missingField(path);
  if (!isJsonObject(value)) throw wrongType(path, 'an object');
  return value;
}

export function asArray(value: unknown, path: string): Json[] {
  if (value == null) throw missingField(path);
  if (!Array.isArray(value)) throw wrongType(path, 'an array');
  return value as Json[];
}

/** One of a few words. */
export function asOneOf<Word extends string>(value: unknown, words: readonly Word[], path: string): Word {
  if (!words.includes(value as Word)) throw wrongType(path, `one of ${words.map((word) => `'${word}'`).join(', ')}`);
  return value as Word;
}

/** Reads what is there; null where nothing is. `optional(body, 'seed', asInteger)` */
export function optional<Value>(
  object: JsonObject,
  key: string,
  read: (value: unknown, path: string) => Value,
  parent = '',
): Value | null {
  const value = object[key];
  return value == null ? null : read(value, pathOf(parent, key));
}

export function looseString(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function looseNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return isExactNumber(value) ? Number(JSON.stringify(value)) : null;
}

/** A count of tokens; absent and nonsense are not zero. */
export function looseCount(value: unknown): number | null {
  const number = looseNumber(value);
  return number !== null && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

export function looseObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function looseArray(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
