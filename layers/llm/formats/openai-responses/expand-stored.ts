import { findMember, readMember, spliceMembers } from '@sluice/kit/json/members';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import { wrongType } from '../reading.ts';
import type { RequestFacts } from '../wire-format.ts';

/**
 * The input of a request that goes on from a stored response: what was its input, what it answered, and what is new
 * (https://platform.openai.com/docs/guides/conversation-state). `instructions` of the stored request do not carry over.
 * @param previous the stored request's expanded `input`, then the stored response's `output`
 */
export function expandStored(previous: readonly Json[], input: Json | undefined): Json[] {
  return [...previous, ...inputItems(input)];
}

/** `input` as a list: a text is a message of the user. */
export function inputItems(input: Json | undefined): Json[] {
  if (Array.isArray(input)) return input;
  return typeof input === 'string' && input !== '' ? [{ type: 'message', role: 'user', content: input }] : [];
}

/** Ids that our answers give to their items hold the id of the request: `fc_<request>_<place>`. */
const OUR_ITEM = /^[a-z]+_([0-9a-hjkmnp-tv-z]{16})_\d+$/;

function isReference(item: Json): item is JsonObject {
  if (!isJsonObject(item) || typeof item['id'] !== 'string') return false;
  return item['type'] === 'item_reference' || (item['type'] == null && item['role'] == null);
}

/**
 * Ids of our stored responses that the input's `item_reference`s point into: clients that leave their items with the
 * vendor (Vercel's SDK does by default) send nothing else of them. References to others' items are not among them.
 */
export function referencedResponses(input: readonly Json[]): string[] {
  const ids = new Set<string>();
  for (const item of input) {
    const request = isReference(item) ? OUR_ITEM.exec(item['id'] as string)?.[1] : undefined;
    if (request !== undefined) ids.add(`resp_${request}`);
  }
  return [...ids];
}

/**
 * The input with items in place of references to them; a reference to what is not there stays.
 * @param outputs of the responses that `referencedResponses` names
 */
export function resolveReferences(input: readonly Json[], outputs: readonly Json[]): Json[] {
  const items = new Map<unknown, Json>();
  for (const item of outputs) if (isJsonObject(item)) items.set(item['id'], item);
  return input.map((item) => (isReference(item) ? (items.get(item['id']) ?? item) : item));
}

/** What a request says about responses that are kept. */
export interface StoredFacts {
  /** The response that it goes on from. */
  previous: string | null;
  /** Its own response is to be kept; the API keeps where nothing is said. */
  keeps: boolean;
}

export function readStored(body: Buffer, { scan }: Pick<RequestFacts, 'scan'>): StoredFacts {
  const previous = readMember(body, scan, 'previous_response_id') ?? null;
  if (previous !== null && (typeof previous !== 'string' || previous === '')) {
    throw wrongType('previous_response_id', 'a non-empty string');
  }
  const store = readMember(body, scan, 'store') ?? true;
  if (typeof store !== 'boolean') throw wrongType('store', 'a boolean');
  return { previous, keeps: store };
}

/** The body with the stored items before its own, which stay byte for byte, and without the reference to them. */
export function expandBody(body: Buffer, { scan }: Pick<RequestFacts, 'scan'>, previous: readonly Json[]): Buffer {
  const input = readMember(body, scan, 'input') as Json | undefined;
  const member = findMember(scan, 'input');
  const own = Array.isArray(input) && member ? body.subarray(member.valueStart + 1, member.valueEnd - 1) : null;
  const items = own ?? Buffer.from(JSON.stringify(inputItems(input)).slice(1, -1));
  const before = JSON.stringify(previous).slice(1, -1);
  const comma = before !== '' && items.toString('latin1').trim() !== '' ? ',' : '';
  return spliceMembers(body, scan, [
    { key: 'input', json: Buffer.concat([Buffer.from(`[${before}${comma}`), items, Buffer.from(']')]) },
    { key: 'previous_response_id', json: 'null' },
  ]);
}
