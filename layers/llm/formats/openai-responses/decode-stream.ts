import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import type { Finish } from '../../neutral/response.ts';
import type { StreamPart } from '../../neutral/stream.ts';
import type { CallContext, StreamDecoder, WireEvent } from '../codec.ts';
import { looseArray, looseNumber, looseObject, looseString } from '../reading.ts';
import { decodeFailure } from './errors.ts';
import {
  cite,
  closeItem,
  finishItem,
  openItem,
  sendArguments,
  sendLogprobs,
  sendReasoning,
  sendText,
  startCall,
  textPart,
  type OpenItem,
  type OutputState,
} from './parts/decode-output.ts';
import { decodeUsage } from './usage.ts';
import type { EventWire } from './wire.ts';

interface DecoderState extends OutputState {
  started: boolean;
  ended: boolean;
  /** Of the item that came last, for servers that leave `output_index` out. */
  lastIndex: number;
}

export function createStreamDecoder(call: CallContext): StreamDecoder {
  const state = createState(call);
  return {
    push: (event) => take(state, () => decodeEvent(state, event)),
    end: () => take(state, () => state.ended || fail(state, cut())),
  };
}

/** A whole answer as the stream that it amounts to. */
export function decodeWhole(response: JsonObject, call: CallContext): readonly StreamPart[] {
  const state = createState(call);
  return take(state, () => (response['status'] === 'failed' ? onFailed : onEnd)(state, { response }));
}

function createState(call: CallContext): DecoderState {
  return {
    call,
    out: [],
    nextBlock: 0,
    items: new Map(),
    called: false,
    refused: false,
    hasLogprobs: false,
    started: false,
    ended: false,
    lastIndex: -1,
  };
}

function take(state: DecoderState, work: () => void): readonly StreamPart[] {
  work();
  if (state.out.length === 0) return NOTHING;
  const { out } = state;
  state.out = [];
  return out;
}

const NOTHING: readonly StreamPart[] = [];

type Handler = (state: DecoderState, event: EventWire) => void;

const HANDLERS: Readonly<Record<string, Handler>> = {
  'response.created': onStart,
  'response.queued': onStart,
  'response.in_progress': onStart,
  'response.output_item.added': onItemAdded,
  'response.output_item.done': onItemDone,
  'response.output_text.delta': onText,
  'response.output_text.done': onTextDone,
  'response.output_text.annotation.added': onAnnotation,
  'response.refusal.delta': onText,
  'response.refusal.done': onTextDone,
  'response.reasoning_summary_text.delta': onSummary,
  'response.reasoning_text.delta': onReasoning,
  'response.function_call_arguments.delta': onArguments,
  'response.custom_tool_call_input.delta': onArguments,
  'response.completed': onEnd,
  'response.incomplete': onEnd,
  'response.failed': onFailed,
  'response.cancelled': onFailed,
  error: onError,
};

function decodeEvent(state: DecoderState, { event, data }: WireEvent): void {
  if (state.ended || data === '[DONE]') return;
  const wire = parse(data);
  if (wire === null) return fail(state, notJson());
  const type = looseString(wire.type) ?? event;
  const handle = Object.hasOwn(HANDLERS, type) ? HANDLERS[type] : undefined;
  if (handle) return handle(state, wire);
  // Who fails at once may say so in the shape of an error's body.
  if (wire.type === undefined && isJsonObject(wire.error)) onError(state, wire);
}

function parse(data: string): EventWire | null {
  try {
    const value: unknown = JSON.parse(data);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function notJson(): GatewayError {
  return new GatewayError('upstream_error', { message: 'The upstream sent an event that is no JSON object.' });
}

function cut(): GatewayError {
  return new GatewayError('upstream_cut', { message: 'The upstream broke off in the middle of its answer.' });
}

function fail(state: DecoderState, error: GatewayError): void {
  state.ended = true;
  state.out.push({ type: 'failure', error });
}

function start(state: DecoderState, response: JsonObject): void {
  if (state.started) return;
  state.started = true;
  const model = looseString(response['model']) ?? state.call.model;
  state.out.push({ type: 'response-start', id: looseString(response['id']) ?? '', model, usage: null });
}

function onStart(state: DecoderState, { response }: EventWire): void {
  start(state, looseObject(response));
}

/** The item that an event belongs to. */
function itemOf(state: DecoderState, event: EventWire): OpenItem {
  start(state, {});
  const index = looseNumber(event.output_index) ?? Math.max(0, state.lastIndex);
  return openItem(state, index);
}

function onItemAdded(state: DecoderState, event: EventWire): void {
  start(state, {});
  const item = looseObject(event.item);
  const index = looseNumber(event.output_index) ?? state.lastIndex + 1;
  state.lastIndex = index;
  const open = openItem(state, index);
  if (open.done) return;
  open.id = looseString(item['id']);
  open.callId = looseString(item['call_id']);
  if (item['type'] === 'function_call' || item['type'] === 'custom_tool_call') startCall(state, open, item, index);
}

function onItemDone(state: DecoderState, event: EventWire): void {
  start(state, {});
  const item = looseObject(event.item);
  const index = looseNumber(event.output_index) ?? indexOf(state, item) ?? state.lastIndex + 1;
  state.lastIndex = Math.max(index, state.lastIndex);
  finishItem(state, index, item);
}

/** Where an item stands that has begun under the same id. */
function indexOf({ items }: DecoderState, item: JsonObject): number | null {
  const id = looseString(item['id']);
  const callId = looseString(item['call_id']);
  for (const [index, open] of items) {
    if ((id !== null && open.id === id) || (callId !== null && open.callId === callId)) return index;
  }
  return null;
}

function onText(state: DecoderState, event: EventWire): void {
  const kind = event.type === 'response.refusal.delta' ? 'refusal' : 'text';
  const text = textPart(itemOf(state, event), looseNumber(event.content_index) ?? 0, kind);
  sendText(state, text, looseString(event.delta) ?? '');
  if (event.logprobs !== undefined) sendLogprobs(state, event.logprobs);
}

function onTextDone(state: DecoderState, event: EventWire): void {
  const isRefusal = event.type === 'response.refusal.done';
  const text = textPart(itemOf(state, event), looseNumber(event.content_index) ?? 0, isRefusal ? 'refusal' : 'text');
  sendText(state, text, (looseString(isRefusal ? event.refusal : event.text) ?? '').slice(text.sent));
}

function onAnnotation(state: DecoderState, event: EventWire): void {
  if (event.annotation === undefined) return;
  const text = textPart(itemOf(state, event), looseNumber(event.content_index) ?? 0, 'text');
  cite(state, text, [event.annotation]);
}

function onSummary(state: DecoderState, event: EventWire): void {
  const item = itemOf(state, event);
  item.source ??= 'summary';
  const piece = looseString(event.delta) ?? '';
  if (item.source !== 'summary' || piece === '') return;
  const index = looseNumber(event.summary_index) ?? 0;
  const isNext = item.sent > 0 && index !== item.summaryIndex;
  item.summaryIndex = index;
  sendReasoning(state, item, isNext ? `\n\n${piece}` : piece);
}

function onReasoning(state: DecoderState, event: EventWire): void {
  const item = itemOf(state, event);
  item.source ??= 'content';
  const piece = looseString(event.delta) ?? '';
  if (item.source !== 'content' || piece === '') return;
  const index = looseNumber(event.content_index) ?? 0;
  const isNext = item.sent > 0 && index !== item.summaryIndex;
  item.summaryIndex = index;
  sendReasoning(state, item, isNext ? `\n\n${piece}` : piece);
}

function onArguments(state: DecoderState, event: EventWire): void {
  sendArguments(state, itemOf(state, event), looseString(event.delta) ?? '');
}

function onEnd(state: DecoderState, event: EventWire): void {
  const response = looseObject(event.response);
  start(state, response);
  finishOutput(state, looseArray(response['output']));
  for (const item of state.items.values()) closeItem(state, item);
  state.ended = true;
  state.out.push({ type: 'choice-end', choice: 0, finish: finishOf(state, response) });
  const serviceTier = looseString(response['service_tier']);
  state.out.push({ type: 'response-end', usage: decodeUsage(response['usage']), serviceTier });
}

/** What only the whole response tells, of servers that send few events or none. */
function finishOutput(state: DecoderState, output: readonly Json[]): void {
  for (const [place, item] of output.entries()) {
    if (!isJsonObject(item)) continue;
    const known = indexOf(state, item);
    const isNamed = typeof item['id'] === 'string' || typeof item['call_id'] === 'string';
    const taken = state.items.get(place);
    if (known !== null) finishItem(state, known, item);
    else if (!taken || (taken.id === null && taken.callId === null)) finishItem(state, place, item);
    else if (isNamed) finishItem(state, Math.max(-1, ...state.items.keys()) + 1, item);
  }
}

function finishOf(state: DecoderState, response: JsonObject): Finish {
  return { reason: reasonOf(state, response), stopSequence: null };
}

function reasonOf({ called, refused }: DecoderState, response: JsonObject): Finish['reason'] {
  if (response['status'] === 'incomplete') {
    const reason = looseObject(response['incomplete_details'])['reason'];
    if (reason === 'content_filter') return 'content-filter';
    return reason === 'max_output_tokens' ? 'length' : 'pause';
  }
  if (called) return 'tool-calls';
  return refused ? 'refusal' : 'stop';
}

function onFailed(state: DecoderState, event: EventWire): void {
  const response = looseObject(event.response);
  start(state, response);
  const usage = decodeUsage(response['usage']);
  if (usage) state.out.push({ type: 'usage', usage });
  fail(state, decodeFailure(response['error']));
}

/** Documented flat, met nested. */
function onError(state: DecoderState, event: EventWire): void {
  const { code, message } = event;
  const flat = { code: looseString(code), message: looseString(message) };
  fail(state, decodeFailure(isJsonObject(event.error) ? event.error : flat));
}
