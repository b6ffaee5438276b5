import type { ChatRequest } from './chat-request.ts';
import type { Directives } from './directives.ts';
import { writeSchemaValue } from './schema-value.ts';
import { createRandom, hexOf, splitPieces, writePieces } from './text.ts';
import { planToolCalls, textOf, type ToolCall } from './tool-calls.ts';

/** One choice, worked out before a byte is sent, so that a stream and a whole answer say the same. */
export interface PlannedChoice {
  /** Text in the order and the pieces in which a stream sends it. */
  pieces: readonly string[];
  toolCalls: readonly ToolCall[];
  finishReason: 'stop' | 'length' | 'tool_calls';
}

interface PlannedUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; audio_tokens: number };
  completion_tokens_details: {
    reasoning_tokens: number;
    audio_tokens: number;
    accepted_prediction_tokens: number;
    rejected_prediction_tokens: number;
  };
}

export interface PlannedCompletion {
  choices: readonly PlannedChoice[];
  usage: PlannedUsage;
}

const BYTES_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 3;
/** The vendor caches prompts of 1024 tokens and more, in steps of 128. */
const CACHE_MINIMUM = 1024;
const CACHE_STEP = 128;
const REASONING_TOKENS = new Map([
  ['low', 16],
  ['medium', 64],
  ['high', 128],
  ['xhigh', 192],
]);

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value ?? ''));
}

export function countPromptTokens(request: ChatRequest): number {
  const perMessage = request.messages.map((message) => {
    const content = message['content'];
    const text = typeof content === 'string' ? Buffer.byteLength(content) : bytesOf(content);
    const calls = message['tool_calls'] === undefined ? 0 : bytesOf(message['tool_calls']);
    return TOKENS_PER_MESSAGE + Math.ceil((text + calls) / BYTES_PER_TOKEN);
  });
  const tools = request.tools.length > 0 ? Math.ceil(bytesOf(request.tools) / BYTES_PER_TOKEN) : 0;
  return perMessage.reduce((sum, tokens) => sum + tokens, tools);
}

function answerToToolResults(request: ChatRequest): string {
  const results = [];
  for (const message of request.messages.toReversed()) {
    if (message['role'] !== 'tool') break;
    results.unshift(textOf(message['content']));
  }
  return results.length > 0 ? `The tools answered: ${results.join('; ')}. ` : '';
}

function writeAnswer(request: ChatRequest, directives: Directives, seed: string): string[] {
  if (request.responseFormat === 'json_schema' && request.schema) {
    return splitPieces(JSON.stringify(writeSchemaValue({ schema: request.schema, seed })));
  }
  const count = directives.words ?? 12 + Math.floor(createRandom(`${seed}/length`)() * 24);
  if (request.responseFormat === 'json_object') {
    return splitPieces(JSON.stringify({ answer: writePieces(seed, count).join('') }));
  }
  return [...splitPieces(answerToToolResults(request)), ...writePieces(seed, count)];
}

/** Ends the pieces before the first stop sequence, which is not part of the answer. */
function cutAtStop(pieces: string[], stop: readonly string[]): string[] {
  const text = pieces.join('');
  const found = stop.map((sequence) => text.indexOf(sequence)).filter((position) => position >= 0);
  if (found.length === 0) return pieces;
  let left = Math.min(...found);
  const kept = [];
  for (const piece of pieces) {
    if (left <= 0) break;
    kept.push(piece.slice(0, left));
    left -= piece.length;
  }
  return kept;
}

function planChoice(request: ChatRequest, directives: Directives, seed: string, room: number): PlannedChoice {
  const toolCalls = planToolCalls(request, seed);
  if (toolCalls.length > 0) return { pieces: [], toolCalls, finishReason: 'tool_calls' };
  const pieces = cutAtStop(writeAnswer(request, directives, seed), request.stop);
  if (pieces.length > room) return { pieces: pieces.slice(0, room), toolCalls, finishReason: 'length' };
  return { pieces, toolCalls, finishReason: 'stop' };
}

function tokensOf(choice: PlannedChoice): number {
  const calls = choice.toolCalls.map((call) => Math.ceil((call.name.length + call.input.length) / BYTES_PER_TOKEN));
  return calls.reduce((sum, tokens) => sum + tokens, choice.pieces.length);
}

/** Works out the whole answer of a request: the same messages and options give the same answer and the same usage. */
export function planCompletion(request: ChatRequest, directives: Directives): PlannedCompletion {
  const seed = hexOf(JSON.stringify([directives.base, request.messages]), 64);
  const wanted = REASONING_TOKENS.get(request.reasoningEffort ?? '') ?? 0;
  const maximum = request.maxTokens ?? Infinity;
  const reasoning = Math.min(wanted, maximum);
  const choices = Array.from({ length: request.choices }, (_, index) =>
    planChoice(request, directives, `${seed}/${index}`, maximum - reasoning),
  );
  const prompt = countPromptTokens(request);
  const completion = choices.reduce((sum, choice) => sum + tokensOf(choice) + reasoning, 0);
  return {
    choices,
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: {
        cached_tokens: prompt < CACHE_MINIMUM ? 0 : prompt - (prompt % CACHE_STEP),
        audio_tokens: 0,
      },
      completion_tokens_details: {
        reasoning_tokens: reasoning * choices.length,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
  };
}
