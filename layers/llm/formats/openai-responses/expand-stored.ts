import { findMember, readMember, spliceMembers } from '@sluice/kit/json/members';
import type { Json } from '../../neutral/json.ts';
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
