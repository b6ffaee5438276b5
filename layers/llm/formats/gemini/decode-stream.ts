import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import type { StreamPart } from '../../neutral/stream.ts';
import type { CallContext, StreamDecoder } from '../codec.ts';
import { decodeStreamError } from './errors.ts';
import { createAnswerState, fail, type AnswerState } from './parts/answer-state.ts';
import { closeChoice, choiceOf, takeCandidate } from './parts/decode-candidate.ts';
import { decodeUsage } from './usage.ts';
import type { ChunkWire } from './wire.ts';

const NOTHING: readonly StreamPart[] = [];

/** Each event is a whole GenerateContentResponse with the next parts; the stream ends where the connection does. */
export function createStreamDecoder(call: CallContext): StreamDecoder {
  const state = createAnswerState(call);
  const take = (step: () => void): readonly StreamPart[] => {
    if (state.ended) return NOTHING;
    state.out = [];
    step();
    return state.out;
  };
  return {
    push: ({ data }) => take(() => pushText(state, data)),
    end: () => take(() => endAnswer(state, { isCut: true })),
  };
}

function pushText(state: AnswerState, data: string): void {
  const text = data.trim();
  // Servers that copied this format mark their end as others do.
  if (text === '' || text === '[DONE]') return;
  let chunk: unknown;
  try {
    // Numbers matter in arguments only.
    chunk = text.includes('"functionCall"') ? parseExact(text) : JSON.parse(text);
  } catch {
    fail(state, new GatewayError('upstream_error', { message: 'The upstream sent an event that is not JSON.' }));
    return;
  }
  if (isJsonObject(chunk)) takeChunk(state, chunk as ChunkWire);
}

export function takeChunk(state: AnswerState, chunk: ChunkWire): void {
  if (chunk.error != null) return fail(state, decodeStreamError(chunk.error));
  if (typeof chunk.responseId === 'string') state.responseId ||= chunk.responseId;
  if (isReport(chunk.usageMetadata)) state.report = chunk.usageMetadata;
  if (!state.started) start(state, chunk);
  if (chunk.promptFeedback?.blockReason) state.isBlocked = true;
  if (!Array.isArray(chunk.candidates)) return;
  for (const candidate of chunk.candidates) {
    if (state.ended) return;
    if (isJsonObject(candidate)) takeCandidate(state, candidate);
  }
}

function start(state: AnswerState, { modelVersion }: ChunkWire): void {
  state.started = true;
  const model = typeof modelVersion === 'string' && modelVersion !== '' ? modelVersion : state.call.model;
  state.out.push({ type: 'response-start', id: state.responseId, model, usage: decodeUsage(state.report) });
}

function isReport(value: JsonObject | null | undefined): value is JsonObject {
  return value != null && (value['promptTokenCount'] !== undefined || value['candidatesTokenCount'] !== undefined);
}

/** @param isCut a choice that has not said why it finished was cut off */
export function endAnswer(state: AnswerState, { isCut }: { isCut: boolean }): void {
  if (state.isBlocked && state.choices.size === 0) choiceOf(state, 0).finish = 'BLOCKED';
  const unfinished = [...state.choices.values()].some(({ finish }) => finish === null);
  if (state.choices.size === 0 || (unfinished && isCut)) {
    const message = state.started
      ? 'The upstream broke off its answer.'
      : 'The upstream ended its answer before it began.';
    return fail(state, new GatewayError('upstream_cut', { message }));
  }
  for (const choice of state.choices.values()) closeChoice(state, choice);
  state.ended = true;
  state.out.push({ type: 'response-end', usage: decodeUsage(state.report), serviceTier: null });
}
