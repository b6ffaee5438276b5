import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, ReasoningCarrier } from '../../../neutral/parts.ts';
import { unwrapCustomInput } from '../../custom-tools.ts';
import { restoreToolName } from '../../tool-names.ts';
import type { CandidateWire, FunctionCallWire, PartWire } from '../wire.ts';
import { fail, type AnswerState, type ChoiceState, type OpenKind } from './answer-state.ts';
import { decodeCitations } from './decode-citations.ts';
import { isFailure, readFinish } from './finish.ts';
import { decodeLogprobs } from './logprobs.ts';
import { createPartialArgs } from './partial-args.ts';
import { callIdOf } from './tool-ids.ts';

export function choiceOf(state: AnswerState, index: number): ChoiceState {
  const known = state.choices.get(index);
  if (known) return known;
  const choice: ChoiceState = {
    index,
    open: null,
    partial: null,
    finish: null,
    hasCalls: false,
    lastSignature: '',
    texts: [],
    textsBefore: 0,
    textsBeforePart: [],
    grounding: null,
    quotations: null,
  };
  state.choices.set(index, choice);
  return choice;
}

export function takeCandidate(state: AnswerState, candidate: CandidateWire): void {
  const index = typeof candidate.index === 'number' ? candidate.index : 0;
  if (!Number.isSafeInteger(index) || index < 0 || index >= MOST_CHOICES) return;
  const choice = choiceOf(state, index);
  const parts = candidate.content?.parts;
  if (Array.isArray(parts))
    for (const part of parts) if (part !== null && typeof part === 'object') takePart(state, choice, part);
  if (candidate.groundingMetadata) choice.grounding = { ...choice.grounding, ...candidate.groundingMetadata };
  if (candidate.citationMetadata) choice.quotations = candidate.citationMetadata;
  const logprobs = candidate.logprobsResult ? decodeLogprobs(candidate.logprobsResult) : null;
  if (logprobs) state.out.push({ type: 'logprobs', choice: index, logprobs });
  if (typeof candidate.finishReason !== 'string' || candidate.finishReason === '') return;
  choice.finish = candidate.finishReason;
  if (isFailure(candidate.finishReason)) {
    const message = `The model failed at its own answer (${candidate.finishReason}); try again.`;
    fail(state, new GatewayError('upstream_error', { message }));
  }
}

const MOST_CHOICES = 128;
/** Citations name parts by number in whole answers only, which have few. */
const MOST_COUNTED_PARTS = 256;

function takePart(state: AnswerState, choice: ChoiceState, part: PartWire): void {
  const signature = typeof part.thoughtSignature === 'string' ? part.thoughtSignature : '';
  if (choice.textsBeforePart.length < MOST_COUNTED_PARTS) choice.textsBeforePart.push(choice.texts.length);
  if (typeof part.text === 'string' && part.text !== '') {
    takeText(state, choice, part.thought === true ? 'reasoning' : 'text', part.text);
  } else if (part.functionCall) {
    takeCall(state, choice, part.functionCall, signature);
    return;
  } else if (part.inlineData?.data) {
    takeMedia(state, choice, part);
  } else if (isVendors(part)) {
    takeWhole(state, choice, { type: 'vendor', format: 'gemini', value: part as JsonObject });
  }
  if (signature !== '') takeSignature(state, choice, { data: signature, isThought: part.thought === true });
}

function takeText(state: AnswerState, choice: ChoiceState, kind: 'text' | 'reasoning', text: string): void {
  if (choice.open?.kind !== kind || choice.open.carrier) open(state, choice, kind, '');
  const block = (choice.open as { block: number }).block;
  if (kind === 'text') {
    choice.texts.push(text);
    state.out.push({ type: 'text-delta', block, text });
  } else {
    state.out.push({ type: 'reasoning-delta', block, text });
  }
}

function open(state: AnswerState, choice: ChoiceState, kind: OpenKind, mediaType: string): void {
  close(state, choice);
  const block = state.nextBlock++;
  choice.open = { kind, block, mediaType, carrier: undefined };
  if (kind === 'text') choice.textsBefore = choice.texts.length;
  const content = kind === 'audio' ? ({ type: 'audio', mediaType, id: null } as const) : ({ type: kind } as const);
  state.out.push({ type: 'block-start', block, choice: choice.index, content });
}

function close(state: AnswerState, choice: ChoiceState): void {
  if (!choice.open) return;
  const { block, carrier } = choice.open;
  choice.open = null;
  state.out.push(carrier ? { type: 'block-end', block, carrier } : { type: 'block-end', block });
}

/** A signature belongs to the text before it, which goes on no further; one without a text is reasoning of which nothing is shown. */
function takeSignature(
  state: AnswerState,
  choice: ChoiceState,
  { data, isThought }: { data: string; isThought: boolean },
): void {
  if (choice.lastSignature === data) return;
  choice.lastSignature = data;
  const carrier = carrierOf(state, data);
  const { open: text } = choice;
  const signs = text?.kind === 'reasoning' || (text?.kind === 'text' && !isThought);
  if (text && signs && !text.carrier) {
    text.carrier = carrier;
    return;
  }
  close(state, choice);
  const block = state.nextBlock++;
  state.out.push(
    { type: 'block-start', block, choice: choice.index, content: { type: 'reasoning' } },
    { type: 'block-end', block, carrier },
  );
}

function carrierOf({ call }: AnswerState, data: string): ReasoningCarrier {
  return { origin: call.origin, kind: 'signature', data };
}

function takeMedia(state: AnswerState, choice: ChoiceState, { inlineData }: PartWire): void {
  const mediaType = inlineData?.mimeType ?? 'application/octet-stream';
  const data = inlineData?.data ?? '';
  if (mediaType.startsWith('audio/')) {
    if (choice.open?.kind !== 'audio' || choice.open.mediaType !== mediaType) open(state, choice, 'audio', mediaType);
    const { block } = choice.open as { block: number };
    state.out.push({ type: 'audio-delta', block, data, transcript: '' });
    // Behind padding nothing can be joined.
    if (data.endsWith('=')) close(state, choice);
    return;
  }
  const source = { kind: 'base64', mediaType, data } as const;
  takeWhole(
    state,
    choice,
    mediaType.startsWith('image/') ? { type: 'image', source } : { type: 'document', source, name: null },
  );
}

function takeWhole(state: AnswerState, choice: ChoiceState, part: AssistantPart): void {
  close(state, choice);
  const block = state.nextBlock++;
  state.out.push(
    { type: 'block-start', block, choice: choice.index, content: { type: 'whole', part } },
    { type: 'block-end', block },
  );
}

const VENDORS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse', 'fileData'];

function isVendors(part: PartWire): boolean {
  return VENDORS.some((name) => part[name] != null);
}

function takeCall(state: AnswerState, choice: ChoiceState, call: FunctionCallWire, signature: string): void {
  if (choice.partial && isSameCall(choice.partial, call)) return continueCall(state, choice, call);
  endPartial(state, choice);
  if (typeof call.name !== 'string' || call.name === '') return;
  close(state, choice);
  choice.hasCalls = true;
  const isPartial = call.willContinue === true || (Array.isArray(call.partialArgs) && call.partialArgs.length > 0);
  const text = call.args == null ? '' : JSON.stringify(call.args);
  const ordinal = state.calls++;
  const id = call.id || callIdOf(state.responseId, ordinal, call.name, state.responseId === '' ? text : '');
  const sentName = restoreToolName(call.name, state.call);
  const custom = state.call.customTools.has(sentName);
  const block = state.nextBlock++;
  const carrier = signature === '' ? undefined : carrierOf(state, signature);
  if (carrier) choice.lastSignature = signature;
  const content = {
    type: 'tool-call',
    id,
    name: sentName,
    ...(custom && { custom }),
    ...(carrier && { carrier }),
  } as const;
  state.out.push({ type: 'block-start', block, choice: choice.index, content });
  if (isPartial) {
    choice.partial = { block, id: call.id ?? '', name: call.name, args: createPartialArgs(call.args) };
    continueCall(state, choice, call);
    return;
  }
  const input = custom ? unwrapCustomInput(text) : text;
  endCall(state, block, input === '' && !custom ? '{}' : input);
}

/** Pieces mostly come without the name that their call began with. */
function isSameCall(partial: NonNullable<ChoiceState['partial']>, { id, name, args }: FunctionCallWire): boolean {
  if (!name) return true;
  return name === partial.name && (id ?? partial.id) === partial.id && args == null;
}

function continueCall(state: AnswerState, choice: ChoiceState, call: FunctionCallWire): void {
  if (!choice.partial) return;
  const { block, args } = choice.partial;
  for (const piece of call.partialArgs ?? []) args.add(piece);
  if (call.willContinue === true) return;
  choice.partial = null;
  endCall(state, block, args.read());
}

function endPartial(state: AnswerState, choice: ChoiceState): void {
  if (!choice.partial) return;
  const { block, args } = choice.partial;
  choice.partial = null;
  endCall(state, block, args.read());
}

function endCall(state: AnswerState, block: number, text: string): void {
  if (text !== '') state.out.push({ type: 'arguments-delta', block, text });
  state.out.push({ type: 'block-end', block });
}

/** Sources are told last, of a text that is still open. */
export function closeChoice(state: AnswerState, choice: ChoiceState): void {
  endPartial(state, choice);
  if (choice.grounding || choice.quotations) {
    const block = choice.open?.kind === 'text' ? choice.open.block : null;
    const citations = decodeCitations(choice);
    if (block === null && citations.length > 0) state.call.warn('dropped', 'groundingMetadata');
    else for (const citation of citations) state.out.push({ type: 'citation', block: block as number, citation });
  }
  close(state, choice);
  const reason = choice.finish === 'BLOCKED' ? 'content-filter' : readFinish(choice.finish ?? 'STOP', choice.hasCalls);
  state.out.push({ type: 'choice-end', choice: choice.index, finish: { reason, stopSequence: null } });
}
