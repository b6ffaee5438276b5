import { isExactNumber } from '@sluice/kit/json/parse-exact';

/** What JSON.parse gives. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** An object with members: no array, no null, no number that is kept as text. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}
