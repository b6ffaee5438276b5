import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { isJsonObject, type Json, type JsonObject } from '../../neutral/json.ts';
import type { BlockContent, StreamPart } from '../../neutral/stream.ts';
import type { CallContext, StreamDecoder } from '../codec.ts';
import { looseArray, looseNumber, looseObject, looseString } from '../reading.ts';
import { contentText, decodeImage, notAnAnswer, ownCarrier } from './decode-response.ts';
import { decodeFinish } from './finish-reasons.ts';
import { decodeAnnotations } from './parts/annotations.ts';
import { carrierOf, reasoningText } from './parts/reasoning.ts';
import { createCallSlots, endCalls, takeCallDelta } from './parts/stream-calls.ts';
import { nextBlock, type ChoiceState, type DecoderState } from './parts/stream-state.ts';
import { decodeUsage } from './usage.ts';

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export function createStreamDecoder(call: CallContext): StreamDecoder {
  const state: DecoderState = {
    call,
    parts: [],
    started: false,
    ended: false,
    nextBlock: 0,
    choices: new Map(),
    usage: null,
    serviceTier: null,
  };
  const take = (): StreamPart[] => {
    const { parts } = state;
    state.parts = [];
    return parts;
  };
  return {
    push({ event, data }) {
      if (state.ended) return NOTHING;
      if (data === '[DONE]' || data.trim() === '[DONE]') finish(state);
      else takeChunk(state, event, data);
      return state.parts.length === 0 ? NOTHING : take();
    },
    end() {
      if (state.ended) return NOTHING;
      const choices = [...state.choices.values()];
      if (choices.length > 0 && choices.every(({ ended }) => ended)) finish(state);
      else fail(state, cutOff(state.started));
      return take();
    },
  };
}

const NOTHING: readonly StreamPart[] = [];

function takeChunk(state: DecoderState, event: string, data: string): void {
  const chunk = parse(data);
  if (chunk === null) return;
  if (chunk['error'] != null || event === 'error') return fail(state, notAnAnswer(chunk));
  const choices = chunk['choices'];
  if (!Array.isArray(choices)) return takeUsage(state, chunk);
  if (!state.started && (choices.length > 0 || chunk['usage'] != null)) start(state, chunk);
  if (typeof chunk['service_tier'] === 'string') state.serviceTier = chunk['service_tier'];
  for (const [position, choice] of choices.entries()) {
    if (isJsonObject(choice)) takeChoice(state, choice, position);
  }
  takeUsage(state, chunk);
}

function parse(data: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(data);
    return isJsonObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function start(state: DecoderState, chunk: JsonObject): void {
  state.started = true;
  const id = looseString(chunk['id']) ?? '';
  state.parts.push({ type: 'response-start', id, model: looseString(chunk['model']) ?? '', usage: null });
}

/** With the last choice, behind it, or running along with every chunk. */
function takeUsage(state: DecoderState, chunk: JsonObject): void {
  if (chunk['usage'] == null || !state.started) return;
  const usage = decodeUsage(chunk['usage']);
  if (usage === null) return;
  state.usage = usage;
  state.parts.push({ type: 'usage', usage });
}

function takeChoice(state: DecoderState, choice: JsonObject, position: number): void {
  const index = looseNumber(choice['index']) ?? position;
  let known = state.choices.get(index);
  if (known === undefined) {
    known = newChoice(index);
    state.choices.set(index, known);
  }
  // Whatever comes behind the reason changes nothing: the first one stands.
  if (known.ended) return;
  const delta = choice['delta'] ?? choice['message'];
  if (isJsonObject(delta)) takeDelta(state, known, delta);
  if (choice['logprobs'] != null) state.parts.push({ type: 'logprobs', choice: index, logprobs: choice['logprobs'] });
  if (choice['finish_reason'] != null) endChoice(state, known, choice['finish_reason']);
}

function newChoice(index: number): ChoiceState {
  return {
    index,
    kind: null,
    block: -1,
    carrier: undefined,
    annotations: [],
    calls: createCallSlots(),
    refused: false,
    ended: false,
  };
}

function takeDelta(state: DecoderState, choice: ChoiceState, delta: JsonObject): void {
  const reasoning = reasoningText(delta) || detailText(delta);
  if (reasoning !== '') addText(state, choice, 'reasoning', reasoning);
  if (delta['reasoning_details'] != null) takeDetails(state, choice, delta['reasoning_details']);
  const content = delta['content'];
  if (typeof content === 'string') {
    if (content !== '') addText(state, choice, 'text', content);
  } else if (content != null) addText(state, choice, 'text', contentText(content));
  if (typeof delta['refusal'] === 'string') {
    choice.refused ||= delta['refusal'] !== '';
    addText(state, choice, 'refusal', delta['refusal']);
  }
  if (delta['annotations'] != null) takeAnnotations(state, choice, delta['annotations']);
  if (delta['audio'] != null) takeAudio(state, choice, looseObject(delta['audio']));
  if (delta['images'] != null) takeImages(state, choice, delta['images']);
  if (delta['tool_calls'] != null) {
    for (const [position, item] of looseArray(delta['tool_calls']).entries()) {
      if (!isJsonObject(item)) continue;
      closeOpen(state, choice);
      takeCallDelta(state, choice, { item, position });
    }
  }
  if (isJsonObject(delta['function_call'])) {
    closeOpen(state, choice);
    takeCallDelta(state, choice, { item: { index: 0, function: delta['function_call'] }, position: 0 });
  }
}

/** Details say again what stands in the plain member, where there is one. */
function detailText(delta: JsonObject): string {
  if (delta['reasoning_details'] == null) return '';
  return looseArray(delta['reasoning_details'])
    .map((detail) => {
      const { text, summary } = looseObject(detail);
      return looseString(text) ?? looseString(summary) ?? '';
    })
    .join('');
}

function takeDetails(state: DecoderState, choice: ChoiceState, details: Json): void {
  for (const detail of looseArray(details)) {
    const carrier = carrierOf(looseObject(detail), (data, kind) => ownCarrier(data, kind, state.call));
    if (carrier === undefined) continue;
    if (choice.kind !== 'reasoning' || choice.carrier) openBlock(state, choice, 'reasoning', { type: 'reasoning' });
    choice.carrier = carrier;
  }
}

function addText(state: DecoderState, choice: ChoiceState, kind: 'text' | 'reasoning' | 'refusal', text: string): void {
  if (text === '') return;
  if (choice.kind !== kind || (kind === 'reasoning' && choice.carrier)) {
    openBlock(state, choice, kind, { type: kind });
    if (kind === 'text' && choice.annotations.length > 0) takeAnnotations(state, choice, choice.annotations.splice(0));
  }
  const { block } = choice;
  if (kind === 'text') state.parts.push({ type: 'text-delta', block, text });
  else if (kind === 'reasoning') state.parts.push({ type: 'reasoning-delta', block, text });
  else state.parts.push({ type: 'refusal-delta', block, text });
}

function openBlock(state: DecoderState, choice: ChoiceState, kind: ChoiceState['kind'], content: BlockContent): void {
  closeOpen(state, choice);
  choice.kind = kind;
  choice.block = nextBlock(state);
  state.parts.push({ type: 'block-start', block: choice.block, choice: choice.index, content });
}

function closeOpen(state: DecoderState, choice: ChoiceState): void {
  if (choice.kind === null) return;
  const { block, carrier } = choice;
  state.parts.push(carrier ? { type: 'block-end', block, carrier } : { type: 'block-end', block });
  choice.kind = null;
  choice.carrier = undefined;
}

function takeAnnotations(state: DecoderState, choice: ChoiceState, annotations: Json): void {
  if (choice.kind !== 'text') {
    choice.annotations.push(...looseArray(annotations));
    return;
  }
  for (const citation of decodeAnnotations(annotations)) {
    state.parts.push({ type: 'citation', block: choice.block, citation });
  }
}

function takeAudio(state: DecoderState, choice: ChoiceState, audio: JsonObject): void {
  const data = looseString(audio['data']) ?? '';
  const transcript = looseString(audio['transcript']) ?? '';
  if (data === '' && transcript === '') return;
  if (choice.kind !== 'audio') {
    // Streams carry raw samples: https://platform.openai.com/docs/guides/audio
    openBlock(state, choice, 'audio', { type: 'audio', mediaType: 'audio/pcm', id: looseString(audio['id']) });
  }
  state.parts.push({ type: 'audio-delta', block: choice.block, data, transcript });
}

function takeImages(state: DecoderState, choice: ChoiceState, images: Json): void {
  for (const image of looseArray(images)) {
    const part = decodeImage(image);
    if (part === null) continue;
    openBlock(state, choice, null, { type: 'whole', part });
    state.parts.push({ type: 'block-end', block: choice.block });
  }
}

function endChoice(state: DecoderState, choice: ChoiceState, reason: Json): void {
  closeOpen(state, choice);
  endCalls(state, choice);
  choice.ended = true;
  const shown = { calls: choice.calls.all.length > 0, refusal: choice.refused };
  state.parts.push({ type: 'choice-end', choice: choice.index, finish: decodeFinish(reason, shown) });
}

/** The end marker: what did not say why it finished has finished all the same. */
function finish(state: DecoderState): void {
  if (!state.started || state.choices.size === 0) return fail(state, cutOff(false));
  for (const choice of state.choices.values()) {
    if (!choice.ended) endChoice(state, choice, null);
  }
  state.ended = true;
  state.parts.push({ type: 'response-end', usage: state.usage, serviceTier: state.serviceTier });
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
