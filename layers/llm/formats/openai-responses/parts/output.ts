import type { Json } from '../../../neutral/json.ts';
import type { ReasoningCarrier } from '../../../neutral/parts.ts';
import type { ClientContext } from '../../codec.ts';
import { writeAttachment } from './attached-carriers.ts';
import { readNamespaces, type NamespacedName } from './namespaces.ts';

/** The output of a response while its events are written. */
export interface Output {
  client: ClientContext;
  namespaces: ReadonlyMap<string, NamespacedName>;
  sequence: number;
  /** JSON texts of finished items, at their `output_index`. */
  items: string[];
  /** Items that have begun. */
  begun: number;
  /** The message that takes texts and refusals as they follow each other. */
  message: OpenMessage | null;
  /** Of the text that is being written. */
  logprobs: Json[];
}

export interface OpenMessage {
  id: string;
  index: number;
  /** JSON texts of its finished parts. */
  parts: string[];
  begun: number;
  /** Parts that have not ended yet. */
  open: number;
  /** Something else has begun, so the message ends with its last open part. */
  closing: boolean;
  /** Carriers of its texts. */
  carriers: ReasoningCarrier[];
}

export function createOutput(client: ClientContext): Output {
  return {
    client,
    namespaces: readNamespaces(client.requestBody),
    sequence: 0,
    items: [],
    begun: 0,
    message: null,
    logprobs: [],
  };
}

/** One event; `members` is JSON text without braces. */
export function event(output: Output, type: string, members: string): string {
  const sequence = output.sequence;
  output.sequence = sequence + 1;
  return `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence},${members}}\n\n`;
}

/** The id of the next item, and its place. */
export function nextItem(output: Output, prefix: string): { id: string; index: number } {
  const index = output.begun;
  output.begun = index + 1;
  return { id: `${prefix}_${output.client.requestId}_${index}`, index };
}

export function addItem(output: Output, index: number, item: string): string {
  return event(output, 'response.output_item.added', `"output_index":${index},"item":${item}`);
}

export function finishItem(output: Output, index: number, item: string): string {
  output.items[index] = item;
  return event(output, 'response.output_item.done', `"output_index":${index},"item":${item}`);
}

/** An item that comes whole. */
export function wholeItem(output: Output, index: number, item: string): string {
  return addItem(output, index, item) + finishItem(output, index, item);
}

/** A carrier of a text or a call, in an item of its own. */
export function carrierItem(output: Output, carrier: ReasoningCarrier, callId: string | null): string {
  const { id, index } = nextItem(output, 'rs');
  const sealed = output.client.carriers.seal(writeAttachment({ carrier, callId }));
  const item = { id, type: 'reasoning', summary: [], encrypted_content: sealed, status: 'completed' };
  return wholeItem(output, index, JSON.stringify(item));
}

/** The message that a text goes into: the open one, or a new one. */
export function openMessage(output: Output): { message: OpenMessage; text: string } {
  if (output.message && !output.message.closing) return { message: output.message, text: '' };
  const { id, index } = nextItem(output, 'msg');
  output.message = { id, index, parts: [], begun: 0, open: 0, closing: false, carriers: [] };
  return { message: output.message, text: addItem(output, index, messageItem(output.message, 'in_progress')) };
}

/** Ends the message, or has it end with its last open part. */
export function closeMessage(output: Output, status: 'completed' | 'incomplete' = 'completed'): string {
  const { message } = output;
  if (message === null) return '';
  output.message = null;
  message.closing = true;
  return message.open === 0 ? finishMessage(output, message, status) : '';
}

export function finishMessage(output: Output, message: OpenMessage, status: 'completed' | 'incomplete'): string {
  let text = finishItem(output, message.index, messageItem(message, status));
  for (const carrier of message.carriers) text += carrierItem(output, carrier, null);
  return text;
}

function messageItem({ id, parts }: OpenMessage, status: string): string {
  return `{"id":"${id}","type":"message","status":"${status}","role":"assistant","content":[${parts.join(',')}]}`;
}
