import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { ReasoningCarrier } from '../../../neutral/parts.ts';
import type { BlockContent, StreamPart } from '../../../neutral/stream.ts';
import type { CallContext } from '../../codec.ts';
import { looseArray, looseString } from '../../reading.ts';
import { restoreToolName } from '../../tool-names.ts';
import { RESPONSES } from '../wire.ts';
import { decodeAnnotations } from './decode-content.ts';
import { reasoningText } from './decode-items.ts';
import { imageOfCall } from './image-calls.ts';

/** An item of an upstream's output while its events come in. */
export interface OpenItem {
  id: string | null;
  callId: string | null;
  /** Of reasoning and calls; −1 while it has not begun. */
  block: number;
  kind: 'reasoning' | 'call' | null;
  /** UTF-16 units that went out in deltas; what the item says at its end beyond them is still owed. */
  sent: number;
  /** Parts of a message, by `content_index`. */
  texts: Map<number, OpenText>;
  /** Reasoning comes as summaries, in full, or as both; the first kind that comes is the one that counts. */
  source: 'summary' | 'content' | null;
  summaryIndex: number;
  custom: boolean;
  done: boolean;
}

export interface OpenText {
  kind: 'text' | 'refusal';
  block: number;
  sent: number;
  citations: number;
  ended: boolean;
}

/** Where parts of the answer go; the one state that all handlers of events share. */
export interface OutputState {
  call: CallContext;
  out: StreamPart[];
  nextBlock: number;
  items: Map<number, OpenItem>;
  /** A call was made, a refusal was spoken: the status does not say so. */
  called: boolean;
  refused: boolean;
  hasLogprobs: boolean;
}

export function openItem(state: OutputState, index: number): OpenItem {
  let item = state.items.get(index);
  if (!item) {
    item = {
      id: null,
      callId: null,
      block: -1,
      kind: null,
      sent: 0,
      texts: new Map(),
      source: null,
      summaryIndex: -1,
      custom: false,
      done: false,
    };
    state.items.set(index, item);
  }
  return item;
}

function startBlock(state: OutputState, content: BlockContent): number {
  const block = state.nextBlock;
  state.nextBlock += 1;
  state.out.push({ type: 'block-start', block, choice: 0, content });
  return block;
}

function endBlock(state: OutputState, block: number, carrier?: ReasoningCarrier): void {
  state.out.push(carrier ? { type: 'block-end', block, carrier } : { type: 'block-end', block });
}

export function textPart(item: OpenItem, index: number, kind: OpenText['kind']): OpenText {
  let text = item.texts.get(index);
  if (!text) {
    text = { kind, block: -1, sent: 0, citations: 0, ended: item.done };
    item.texts.set(index, text);
  }
  return text;
}

/** Blocks begin with their first piece, so that none is empty. */
export function sendText(state: OutputState, text: OpenText, piece: string): void {
  if (piece === '' || text.ended) return;
  if (text.block < 0) text.block = startBlock(state, { type: text.kind });
  if (text.kind === 'refusal') state.refused = true;
  text.sent += piece.length;
  state.out.push({ type: text.kind === 'text' ? 'text-delta' : 'refusal-delta', block: text.block, text: piece });
}

export function cite(state: OutputState, text: OpenText, annotations: readonly Json[]): void {
  if (text.block < 0 || text.ended || text.kind !== 'text') return;
  for (const citation of decodeAnnotations([...annotations])) {
    text.citations += 1;
    state.out.push({ type: 'citation', block: text.block, citation });
  }
}

function endText(state: OutputState, text: OpenText): void {
  if (text.block >= 0 && !text.ended) endBlock(state, text.block);
  text.ended = true;
}

export function sendReasoning(state: OutputState, item: OpenItem, piece: string): void {
  if (piece === '' || item.done || item.kind === 'call') return;
  startReasoning(state, item);
  item.sent += piece.length;
  state.out.push({ type: 'reasoning-delta', block: item.block, text: piece });
}

function startReasoning(state: OutputState, item: OpenItem): void {
  if (item.block < 0) item.block = startBlock(state, { type: 'reasoning' });
  item.kind ??= 'reasoning';
}

/** False while the call's name is not known; its deltas are then owed until the item is whole. */
export function startCall(state: OutputState, open: OpenItem, item: JsonObject, index: number): boolean {
  if (open.block >= 0 || open.done) return open.kind === 'call';
  const name = looseString(item['name']);
  if (name === null || name === '') return false;
  const id = looseString(item['call_id']) || looseString(item['id']) || `call_${index}`;
  open.custom = item['type'] === 'custom_tool_call';
  state.called = true;
  const restored = restoreToolName(name, state.call);
  open.kind = 'call';
  open.block = startBlock(state, { type: 'tool-call', id, name: restored, ...(open.custom ? { custom: true } : {}) });
  return true;
}

export function sendArguments(state: OutputState, item: OpenItem, piece: string): void {
  if (piece === '' || item.kind !== 'call' || item.done) return;
  item.sent += piece.length;
  state.out.push({ type: 'arguments-delta', block: item.block, text: piece });
}

/** The item is whole: what its deltas did not say follows, and its blocks end. */
export function finishItem(state: OutputState, index: number, item: JsonObject): void {
  const open = openItem(state, index);
  if (open.done) return;
  open.id = looseString(item['id']) ?? open.id;
  open.callId = looseString(item['call_id']) ?? open.callId;
  const finish = FINISHERS[looseString(item['type']) ?? ''] ?? finishOther;
  closeItem(state, open, finish(state, open, item, index) ?? undefined);
}

/** Ends what is open of an item of which nothing more will come. */
export function closeItem(state: OutputState, open: OpenItem, carrier?: ReasoningCarrier): void {
  if (open.done) return;
  for (const text of open.texts.values()) endText(state, text);
  if (open.block >= 0) endBlock(state, open.block, carrier);
  open.done = true;
}

/** Says what is still owed; returns the carrier that the item ends with. */
type Finisher = (state: OutputState, open: OpenItem, item: JsonObject, index: number) => ReasoningCarrier | null | void;

const FINISHERS: Readonly<Record<string, Finisher>> = {
  message: finishMessage,
  reasoning: finishReasoning,
  function_call: finishCall,
  custom_tool_call: finishCall,
  image_generation_call: finishImage,
};

function finishMessage(state: OutputState, open: OpenItem, item: JsonObject): void {
  const content = item['content'];
  const parts: Json[] = typeof content === 'string' ? [{ type: 'output_text', text: content }] : looseArray(content);
  for (const [index, part] of parts.entries()) {
    if (!isJsonObject(part)) continue;
    const isRefusal = part['type'] === 'refusal';
    const text = textPart(open, index, isRefusal ? 'refusal' : 'text');
    sendText(state, text, (looseString(part[isRefusal ? 'refusal' : 'text']) ?? '').slice(text.sent));
    cite(state, text, looseArray(part['annotations']).slice(text.citations));
    if (!state.hasLogprobs) sendLogprobs(state, part['logprobs']);
    endText(state, text);
  }
}

export function sendLogprobs(state: OutputState, logprobs: Json | undefined): void {
  if (!Array.isArray(logprobs) || logprobs.length === 0) return;
  state.hasLogprobs = true;
  state.out.push({ type: 'logprobs', choice: 0, logprobs: { content: logprobs } });
}

function finishReasoning(state: OutputState, open: OpenItem, item: JsonObject): ReasoningCarrier | null {
  const whole: JsonObject =
    open.source === 'content'
      ? { content: item['content'] ?? [] }
      : { summary: item['summary'] ?? [], content: item['content'] ?? [] };
  sendReasoning(state, open, reasoningText(whole).slice(open.sent));
  const data = looseString(item['encrypted_content']);
  if (data === null || data === '') return null;
  startReasoning(state, open);
  return { origin: state.call.origin, kind: 'encrypted', data, ...(open.id === null ? {} : { id: open.id }) };
}

function finishCall(state: OutputState, open: OpenItem, item: JsonObject, index: number): void {
  // A call without a name can be nobody's.
  if (!startCall(state, open, item, index)) return;
  const value = item[open.custom ? 'input' : 'arguments'];
  const whole = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
  sendArguments(state, open, whole.slice(open.sent));
  if (open.sent === 0 && !open.custom) sendArguments(state, open, '{}');
}

function finishImage(state: OutputState, open: OpenItem, item: JsonObject): void {
  const image = imageOfCall(item);
  if (image === null) return finishOther(state, open, item);
  endBlock(state, startBlock(state, { type: 'whole', part: image }));
}

/** What the vendor's own tools did. */
function finishOther(state: OutputState, _open: OpenItem, item: JsonObject): void {
  endBlock(state, startBlock(state, { type: 'whole', part: { type: 'vendor', format: RESPONSES, value: item } }));
}
