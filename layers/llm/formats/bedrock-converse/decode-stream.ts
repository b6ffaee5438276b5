import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import type { ReasoningCarrier } from '../../neutral/parts.ts';
import type { Finish } from '../../neutral/response.ts';
import type { BlockContent, StreamPart } from '../../neutral/stream.ts';
import type { CallContext, StreamDecoder, WireEvent } from '../codec.ts';
import { unwrapCustomInput } from '../custom-tools.ts';
import { looseCount, looseObject, looseString } from '../reading.ts';
import { restoreToolName } from '../tool-names.ts';
import type { UsageFigures } from '../usage-figures.ts';
import { decodeException } from './errors.ts';
import { decodeCitation } from './parts/citations.ts';
import { decodeStop, isFailure } from './parts/stop-reasons.ts';
import { decodeUsage } from './usage.ts';

interface OpenBlock {
  /** `answer`: a call that stands for the answer's text. */
  kind: 'text' | 'reasoning' | 'tool' | 'answer';
  block: number;
  signature: string;
  redacted: string;
  /** Arguments that go out whole: of custom tools. */
  held: string;
  isHeld: boolean;
  hasContent: boolean;
}

/** What is known of an answer while its events come in. */
export interface ConverseState {
  call: CallContext;
  out: StreamPart[];
  started: boolean;
  ended: boolean;
  nextBlock: number;
  /** By the wire's index. */
  open: Map<number, OpenBlock>;
  hasCalls: boolean;
  finish: Finish | null;
  usage: UsageFigures | null;
  serviceTier: string | null;
}

export function createConverseState(call: CallContext): ConverseState {
  return {
    call,
    out: [],
    started: false,
    ended: false,
    nextBlock: 0,
    open: new Map(),
    hasCalls: false,
    finish: null,
    usage: null,
    serviceTier: null,
  };
}

const NOTHING: readonly StreamPart[] = [];

/** Frames of ConverseStream, each the data of its `:event-type`. */
export function createStreamDecoder(call: CallContext): StreamDecoder {
  const state = createConverseState(call);
  const take = (step: () => void): readonly StreamPart[] => {
    if (state.ended) return NOTHING;
    state.out = [];
    step();
    return state.out;
  };
  return {
    push: (event) => take(() => pushEvent(state, event)),
    end: () => take(() => endAnswer(state)),
  };
}

function pushEvent(state: ConverseState, { event, data }: WireEvent): void {
  let parsed: unknown;
  try {
    parsed = parseExact(data);
  } catch {
    return fail(state, new GatewayError('upstream_error', { message: 'The upstream sent an event that is not JSON.' }));
  }
  if (isJsonObject(parsed)) takeEvent(state, event, parsed);
}

export function takeEvent(state: ConverseState, event: string, data: JsonObject): void {
  const handler = HANDLERS.get(event);
  if (handler) return handler(state, data);
  const exception = decodeException(event, data);
  if (exception) fail(state, exception);
}

type Handler = (state: ConverseState, data: JsonObject) => void;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['messageStart', start],
  ['contentBlockStart', startBlock],
  ['contentBlockDelta', takeDelta],
  ['contentBlockStop', (state, data) => stopBlock(state, looseCount(data['contentBlockIndex']) ?? 0)],
  ['messageStop', stopMessage],
  ['metadata', takeMetadata],
]);

function start(state: ConverseState): void {
  if (state.started) return;
  state.started = true;
  state.out.push({ type: 'response-start', id: '', model: state.call.model, usage: null });
}

function startBlock(state: ConverseState, data: JsonObject): void {
  const use = looseObject(looseObject(data['start'])['toolUse']);
  const name = looseString(use['name']);
  if (!name) return;
  const index = looseCount(data['contentBlockIndex']) ?? 0;
  if (state.call.answerTool === name) {
    openBlock(state, index, { kind: 'answer', content: { type: 'text' } });
    return;
  }
  state.hasCalls = true;
  const restored = restoreToolName(name, state.call);
  const custom = state.call.customTools.has(restored);
  const id = looseString(use['toolUseId']) || `tooluse_${state.nextBlock}`;
  const content: BlockContent = { type: 'tool-call', id, name: restored, ...(custom && { custom }) };
  openBlock(state, index, { kind: 'tool', content }).isHeld = custom;
}

function openBlock(
  state: ConverseState,
  index: number,
  { kind, content }: { kind: OpenBlock['kind']; content: BlockContent },
): OpenBlock {
  start(state);
  stopBlock(state, index);
  const block = state.nextBlock++;
  const open: OpenBlock = { kind, block, signature: '', redacted: '', held: '', isHeld: false, hasContent: false };
  state.open.set(index, open);
  state.out.push({ type: 'block-start', block, choice: 0, content });
  return open;
}

/** The wire opens texts and reasoning without a word. */
function blockOf(state: ConverseState, index: number, kind: 'text' | 'reasoning'): OpenBlock {
  const known = state.open.get(index);
  return known?.kind === kind ? known : openBlock(state, index, { kind, content: { type: kind } });
}

function takeDelta(state: ConverseState, data: JsonObject): void {
  const index = looseCount(data['contentBlockIndex']) ?? 0;
  const { text, toolUse, reasoningContent, citation } = looseObject(data['delta']);
  if (typeof text === 'string' && text !== '') {
    const open = blockOf(state, index, 'text');
    open.hasContent = true;
    state.out.push({ type: 'text-delta', block: open.block, text });
  } else if (toolUse != null) {
    takeInput(state, index, looseString(looseObject(toolUse)['input']) ?? '');
  } else if (reasoningContent != null) {
    takeReasoning(state, index, looseObject(reasoningContent));
  } else if (citation != null) {
    const open = state.open.get(index);
    if (open?.kind !== 'text') return;
    state.out.push({ type: 'citation', block: open.block, citation: decodeCitation(looseObject(citation)) });
  }
}

function takeInput(state: ConverseState, index: number, text: string): void {
  const open = state.open.get(index);
  if (!open || text === '' || (open.kind !== 'tool' && open.kind !== 'answer')) return;
  if (open.isHeld) {
    open.held += text;
    return;
  }
  open.hasContent = true;
  state.out.push({ type: open.kind === 'answer' ? 'text-delta' : 'arguments-delta', block: open.block, text });
}

function takeReasoning(state: ConverseState, index: number, delta: JsonObject): void {
  const open = blockOf(state, index, 'reasoning');
  const { text, signature, redactedContent } = delta;
  if (typeof signature === 'string') open.signature += signature;
  if (typeof redactedContent === 'string') open.redacted += redactedContent;
  if (typeof text !== 'string' || text === '') return;
  open.hasContent = true;
  state.out.push({ type: 'reasoning-delta', block: open.block, text });
}

function stopBlock(state: ConverseState, index: number): void {
  const open = state.open.get(index);
  if (!open) return;
  state.open.delete(index);
  const { block } = open;
  if (open.kind === 'tool') endArguments(state, open);
  const carrier = carrierOf(state, open);
  if (!open.hasContent && open.kind !== 'tool' && !carrier) {
    // Opened and never filled: a block may not be empty.
    const text = open.kind === 'answer' ? '{}' : ' ';
    state.out.push({ type: open.kind === 'reasoning' ? 'reasoning-delta' : 'text-delta', block, text });
  }
  state.out.push(carrier ? { type: 'block-end', block, carrier } : { type: 'block-end', block });
}

function endArguments(state: ConverseState, open: OpenBlock): void {
  const text = open.isHeld ? unwrapCustomInput(open.held) : '{}';
  if (!open.hasContent && text !== '') state.out.push({ type: 'arguments-delta', block: open.block, text });
}

function carrierOf({ call }: ConverseState, { signature, redacted }: OpenBlock): ReasoningCarrier | undefined {
  if (signature !== '') return { origin: call.origin, kind: 'signature', data: signature };
  return redacted === '' ? undefined : { origin: call.origin, kind: 'redacted', data: redacted };
}

function stopMessage(state: ConverseState, data: JsonObject): void {
  start(state);
  const reason = looseString(data['stopReason']) ?? '';
  if (isFailure(reason)) {
    const message = `The model failed at its own answer (${reason}); try again.`;
    return fail(state, new GatewayError('upstream_error', { message }));
  }
  const more = looseObject(data['additionalModelResponseFields']);
  state.finish = decodeStop(reason, looseString(more['stop_sequence']) ?? looseString(more['/stop_sequence']), state);
}

function takeMetadata(state: ConverseState, data: JsonObject): void {
  state.usage = decodeUsage(data['usage']) ?? state.usage;
  state.serviceTier = looseString(looseObject(data['serviceTier'])['type']) ?? state.serviceTier;
  // It comes last, behind the reason for the end.
  if (state.finish !== null) endAnswer(state);
}

export function endAnswer(state: ConverseState): void {
  if (state.finish === null) {
    const message = state.started
      ? 'The upstream broke off its answer.'
      : 'The upstream ended its answer before it began.';
    return fail(state, new GatewayError('upstream_cut', { message }));
  }
  for (const index of state.open.keys()) stopBlock(state, index);
  state.ended = true;
  state.out.push(
    { type: 'choice-end', choice: 0, finish: state.finish },
    { type: 'response-end', usage: state.usage, serviceTier: state.serviceTier },
  );
}

function fail(state: ConverseState, error: GatewayError): void {
  state.ended = true;
  if (state.started && state.usage) state.out.push({ type: 'usage', usage: state.usage });
  state.out.push({ type: 'failure', error });
}
