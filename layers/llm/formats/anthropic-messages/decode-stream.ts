import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import type { ReasoningCarrier } from '../../neutral/parts.ts';
import type { StreamPart } from '../../neutral/stream.ts';
import type { CallContext, StreamDecoder, WireEvent } from '../codec.ts';
import { unwrapCustomInput } from '../custom-tools.ts';
import { looseArray, looseObject, looseString } from '../reading.ts';
import { restoreToolName } from '../tool-names.ts';
import { decodeServiceTier } from './decode-response.ts';
import { decodeCitation } from './parts/citations.ts';
import { decodeStop } from './stop-reasons.ts';
import { decodeUsage, mergeUsage, type UsageReport } from './usage.ts';

const FORMAT = 'anthropic-messages';

/** A content block of the wire while it is open. */
interface OpenBlock {
  kind: 'text' | 'thinking' | 'redacted' | 'tool' | 'answer' | 'vendor';
  /** Its neutral number; −1 until its first content: the wire opens blocks that stay empty. */
  block: number;
  /** As `content_block_start` told it. */
  start: JsonObject;
  signature: string;
  /** Arguments that go out whole: of custom tools and of the vendor's own blocks. */
  held: string;
  isHeld: boolean;
  hasArguments: boolean;
}

interface DecoderState {
  call: CallContext;
  parts: StreamPart[];
  started: boolean;
  ended: boolean;
  nextBlock: number;
  /** By the wire's index. */
  open: Map<number, OpenBlock>;
  hasCalls: boolean;
  usage: UsageReport | null;
  stopReason: string | null;
  stopSequence: Json | undefined;
}

/** https://docs.claude.com/en/docs/build-with-claude/streaming */
export function createStreamDecoder(call: CallContext): StreamDecoder {
  const state: DecoderState = {
    call,
    parts: [],
    started: false,
    ended: false,
    nextBlock: 0,
    open: new Map(),
    hasCalls: false,
    usage: null,
    stopReason: null,
    stopSequence: undefined,
  };
  const take = (): StreamPart[] => {
    const { parts } = state;
    state.parts = [];
    return parts;
  };
  return {
    push(event) {
      if (state.ended || event.event === 'ping') return NOTHING;
      const data = parseEvent(event);
      if (data === null) return NOTHING;
      const type = typeof data['type'] === 'string' ? data['type'] : event.event;
      // An error of a server that does not say that it is one.
      const handler = HANDLERS[type] ?? (isJsonObject(data['error']) ? HANDLERS['error'] : undefined);
      handler?.(state, data);
      return take();
    },
    end() {
      if (state.ended) return NOTHING;
      if (state.started && state.stopReason !== null) endMessage(state);
      else fail(state, cutOff(state.started));
      return take();
    },
  };
}

const NOTHING: readonly StreamPart[] = [];

type Handler = (state: DecoderState, data: JsonObject) => void;

const HANDLERS: Readonly<Record<string, Handler>> = {
  message_start: startMessage,
  content_block_start: startBlock,
  content_block_delta: takeDelta,
  content_block_stop: (state, data) => stopBlock(state, indexOf(data)),
  message_delta: takeMessageDelta,
  message_stop: endMessage,
  error: (state, data) => fail(state, toldError(data)),
};

/** Only the starts hold values whose numbers must keep their writing; deltas are texts. */
function parseEvent({ event, data }: WireEvent): JsonObject | null {
  try {
    const parsed: unknown = event === 'content_block_delta' ? JSON.parse(data) : parseExact(data);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function indexOf(data: JsonObject): number {
  return typeof data['index'] === 'number' ? data['index'] : 0;
}

/** A second start in the middle, as some proxies send it, begins nothing anew. */
function startMessage(state: DecoderState, data: JsonObject): void {
  const message = looseObject(data['message']);
  state.usage = mergeUsage(state.usage, message['usage']);
  if (!state.started) begin(state, looseString(message['id']) ?? '', looseString(message['model']) ?? '');
}

function begin(state: DecoderState, id: string, model: string): void {
  state.started = true;
  state.parts.push({ type: 'response-start', id, model, usage: decodeUsage(state.usage) });
}

function startBlock(state: DecoderState, data: JsonObject): void {
  if (!state.started) begin(state, '', '');
  const index = indexOf(data);
  if (state.open.has(index)) stopBlock(state, index);
  const start = looseObject(data['content_block']);
  const open: OpenBlock = {
    kind: kindOf(start, state.call),
    block: -1,
    start,
    signature: looseString(start['signature']) ?? '',
    held: '',
    isHeld: false,
    hasArguments: false,
  };
  state.open.set(index, open);
  if (open.kind === 'tool') startTool(state, open);
  else if (open.kind === 'vendor') open.isHeld = true;
  // Compatible servers put the whole text or its beginning into the start.
  else if (open.kind === 'text') addText(state, open, looseString(start['text']));
  else if (open.kind === 'thinking') addText(state, open, looseString(start['thinking']));
  for (const citation of looseArray(start['citations'])) addCitation(state, open, citation);
}

function kindOf(start: JsonObject, call: CallContext): OpenBlock['kind'] {
  switch (start['type']) {
    case 'text':
    case 'thinking':
      return start['type'];
    case 'redacted_thinking':
      return 'redacted';
    case 'tool_use':
      return call.answerTool !== undefined && start['name'] === call.answerTool ? 'answer' : 'tool';
    default:
      return 'vendor';
  }
}

function startTool(state: DecoderState, open: OpenBlock): void {
  const name = restoreToolName(looseString(open.start['name']) ?? '', state.call);
  const id = looseString(open.start['id']) || `toolu_${name}`;
  open.isHeld = state.call.customTools.has(name);
  state.hasCalls = true;
  openAs(state, open, { type: 'tool-call', id, name: name || 'unnamed_tool', ...(open.isHeld && { custom: true }) });
}

function openAs(
  state: DecoderState,
  open: OpenBlock,
  content: Extract<StreamPart, { type: 'block-start' }>['content'],
): void {
  open.block = state.nextBlock;
  state.nextBlock += 1;
  state.parts.push({ type: 'block-start', block: open.block, choice: 0, content });
}

function addText(state: DecoderState, open: OpenBlock, text: string | null): void {
  if (text === null || text === '') return;
  const isReasoning = open.kind === 'thinking';
  if (open.block < 0) openAs(state, open, { type: isReasoning ? 'reasoning' : 'text' });
  state.parts.push({ type: isReasoning ? 'reasoning-delta' : 'text-delta', block: open.block, text });
}

function takeDelta(state: DecoderState, data: JsonObject): void {
  const open = state.open.get(indexOf(data));
  const delta = data['delta'];
  if (open === undefined || !isJsonObject(delta)) return;
  const type = delta['type'];
  if (type === 'text_delta') {
    if (open.kind === 'text') addText(state, open, looseString(delta['text']));
  } else if (type === 'input_json_delta') addArguments(state, open, looseString(delta['partial_json']));
  else if (type === 'thinking_delta') {
    if (open.kind === 'thinking') addText(state, open, looseString(delta['thinking']));
  } else if (type === 'signature_delta') open.signature = looseString(delta['signature']) || open.signature;
  else if (type === 'citations_delta') addCitation(state, open, delta['citation']);
}

function addArguments(state: DecoderState, open: OpenBlock, text: string | null): void {
  if (text === null || text === '') return;
  open.hasArguments = true;
  if (open.isHeld) open.held += text;
  else if (open.kind === 'tool') state.parts.push({ type: 'arguments-delta', block: open.block, text });
  else if (open.kind === 'answer') addText(state, open, text);
}

function addCitation(state: DecoderState, open: OpenBlock, citation: Json | undefined): void {
  if (open.kind !== 'text' || !isJsonObject(citation)) return;
  // The wire cites before the text that it belongs to.
  if (open.block < 0) openAs(state, open, { type: 'text' });
  state.parts.push({ type: 'citation', block: open.block, citation: decodeCitation(citation) });
}

function stopBlock(state: DecoderState, index: number): void {
  const open = state.open.get(index);
  if (open === undefined) return;
  state.open.delete(index);
  if (open.kind === 'tool' || open.kind === 'answer') stopArguments(state, open);
  if (open.kind === 'vendor') return addVendor(state, open);
  const carrier = carrierOf(state, open);
  if (open.block < 0) {
    if (!carrier) return;
    openAs(state, open, { type: 'reasoning' });
  }
  state.parts.push(
    carrier ? { type: 'block-end', block: open.block, carrier } : { type: 'block-end', block: open.block },
  );
}

/** Without a delta the start has said it all. */
function stopArguments(state: DecoderState, open: OpenBlock): void {
  const whole = open.hasArguments ? open.held : JSON.stringify(open.start['input'] ?? {});
  if (open.kind === 'answer') {
    if (!open.hasArguments) addText(state, open, whole);
    return;
  }
  const text = open.isHeld ? unwrapCustomInput(whole) : whole;
  if (text !== '') state.parts.push({ type: 'arguments-delta', block: open.block, text });
}

function carrierOf({ call: { origin } }: DecoderState, open: OpenBlock): ReasoningCarrier | undefined {
  if (open.kind === 'thinking' && open.signature !== '') return { origin, kind: 'signature', data: open.signature };
  const data = open.kind === 'redacted' ? looseString(open.start['data']) : null;
  return data ? { origin, kind: 'redacted', data } : undefined;
}

function addVendor(state: DecoderState, open: OpenBlock): void {
  if (typeof open.start['type'] !== 'string') return;
  const value = open.hasArguments ? { ...open.start, input: parseInput(open.held) } : open.start;
  openAs(state, open, { type: 'whole', part: { type: 'vendor', format: FORMAT, value } });
  state.parts.push({ type: 'block-end', block: open.block });
}

function parseInput(text: string): Json {
  try {
    return parseExact(text) as Json;
  } catch {
    return text;
  }
}

function takeMessageDelta(state: DecoderState, data: JsonObject): void {
  if (!state.started) begin(state, '', '');
  const delta = looseObject(data['delta']);
  state.stopReason = looseString(delta['stop_reason']) ?? state.stopReason;
  state.stopSequence = delta['stop_sequence'] ?? state.stopSequence;
  if (!isJsonObject(data['usage'])) return;
  state.usage = mergeUsage(state.usage, data['usage']);
  const usage = decodeUsage(state.usage);
  if (usage !== null) state.parts.push({ type: 'usage', usage });
}

function endMessage(state: DecoderState): void {
  if (!state.started) return fail(state, cutOff(false));
  for (const index of state.open.keys()) stopBlock(state, index);
  const finish = decodeStop(state.stopReason, state.stopSequence, state.hasCalls);
  if (state.call.answerTool !== undefined && !state.hasCalls && finish.reason === 'tool-calls') finish.reason = 'stop';
  state.parts.push(
    { type: 'choice-end', choice: 0, finish },
    { type: 'response-end', usage: decodeUsage(state.usage), serviceTier: decodeServiceTier(state.usage ?? {}) },
  );
  state.ended = true;
}

function fail(state: DecoderState, error: GatewayError): void {
  state.ended = true;
  state.parts.push({ type: 'failure', error });
}

function cutOff(started: boolean): GatewayError {
  return started
    ? new GatewayError('upstream_cut', { message: 'The upstream broke off in the middle of its answer.' })
    : new GatewayError('upstream_error', { message: 'The upstream closed its stream without an answer.' });
}

/** https://docs.claude.com/en/docs/build-with-claude/streaming#error-events */
function toldError(data: JsonObject): GatewayError {
  const error = looseObject(data['error']);
  const message = looseString(error['message']) ?? looseString(data['message']) ?? 'The upstream reported an error.';
  return new GatewayError(CODES[looseString(error['type']) ?? ''] ?? 'upstream_error', { message });
}

const CODES: Readonly<Record<string, 'rate_limit_exceeded' | 'upstream_timeout' | 'bad_request'>> = {
  rate_limit_error: 'rate_limit_exceeded',
  timeout_error: 'upstream_timeout',
  invalid_request_error: 'bad_request',
};
