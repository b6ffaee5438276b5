import fc from 'fast-check';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { AssistantPart, TextPart, ToolResultPart, UserPart } from '@sluice/llm/neutral/parts';
import type { FunctionTool, NeutralMessage, NeutralRequest } from '@sluice/llm/neutral/request';
import type { FinishReason, NeutralResponse } from '@sluice/llm/neutral/response';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import type { UsageFigures } from '@sluice/llm/formats/usage-figures';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';

/** Texts with everything that breaks quoting, never blank. */
export const someText = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    fc.constantFrom(
      'a"b',
      'back\\slash',
      'line\nbreak\r\n',
      'data: [DONE]',
      '\u2028',
      '👩‍👩‍👧',
      '{"a":1}',
      '</script>',
      '\u0000',
    ),
  )
  .filter((text) => text.trim() !== '');

export const toolName = fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/);
const callId = fc.stringMatching(/^[a-zA-Z0-9]{1,24}$/);

/** JSON text of an object, as `JSON.stringify` writes it. */
const argumentsJson = fc
  .dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
  .map((value) => JSON.stringify(value));

const count = fc.integer({ min: 0, max: 1_000_000 });

export const usageFigures: fc.Arbitrary<UsageFigures> = fc.record({
  input: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  output: count,
  reasoning: count,
  images: fc.constant(0),
  audio: fc.constant(0),
  audioInput: fc.constant(0),
  audioOutput: fc.constant(0),
  imageInput: fc.constant(0),
  imageOutput: fc.constant(0),
  videoSeconds: fc.constant(0),
  webSearches: fc.constant(0),
});

export interface ResponseShape {
  /** Parts in the order that the format tells them in; each may be there or not. */
  parts: readonly fc.Arbitrary<AssistantPart>[];
  finishes: readonly FinishReason[];
  choices?: number;
  usage?: fc.Arbitrary<UsageFigures>;
}

export const textPart: fc.Arbitrary<AssistantPart> = someText.map((text) => ({ type: 'text', text }));

export const callPart: fc.Arbitrary<AssistantPart> = fc
  .record({ id: callId, name: toolName, json: argumentsJson })
  .map(({ id, name, json }) => ({ type: 'tool-call', id, name, arguments: json }));

/** Answers as a format can say them without loss. */
export function someResponse(shape: ResponseShape): fc.Arbitrary<NeutralResponse> {
  const content = fc
    .tuple(...shape.parts.map((part) => fc.option(part, { nil: null })))
    .map((parts) => parts.filter((part) => part !== null));
  const choice = fc
    .record({ content, reason: fc.constantFrom(...shape.finishes) })
    .map(({ content: parts, reason }) => ({
      content: parts,
      finish: {
        reason: parts.some(({ type }) => type === 'tool-call') ? ('tool-calls' as const) : reason,
        stopSequence: null,
      },
    }));
  return fc.record({
    id: fc.constantFrom('msg_1', 'chatcmpl-1'),
    model: fc.constant('upstream-model'),
    choices: fc.array(choice, { minLength: 1, maxLength: shape.choices ?? 1 }),
    usage: shape.usage ?? usageFigures,
    serviceTier: fc.constantFrom(null, 'default', 'priority'),
  });
}

/** The answer's stream with its texts cut into pieces. */
export function piecesOf(response: NeutralResponse, sizes: readonly number[]): StreamPart[] {
  let turn = 0;
  return [...unfoldResponse(response)].flatMap((part): StreamPart[] => {
    if (!('text' in part)) return [part];
    const pieces: StreamPart[] = [];
    for (let at = 0; at < part.text.length;) {
      const size = sizes[turn % sizes.length] ?? 1;
      turn += 1;
      pieces.push({ ...part, text: part.text.slice(at, at + size) });
      at += size;
    }
    return pieces;
  });
}

/** Events that no vendor should send. */
export const garbageEvents = fc.array(
  fc.record({
    event: fc.constantFrom('message', 'message_start', 'content_block_delta', 'error', 'ping', 'nonsense'),
    data: fc.oneof(fc.json(), fc.string(), fc.constantFrom('[DONE]', '{}', 'null', '[]', '')),
  }),
  { maxLength: 20 },
);

/** A conversation in the shape that `repairPairs` leaves: turns by turns, results behind their calls. */
export interface TurnShape {
  user: fc.Arbitrary<UserPart>;
  assistant: fc.Arbitrary<AssistantPart[]>;
  result: fc.Arbitrary<ToolResultPart['content']>;
  system: fc.Arbitrary<TextPart[]>;
}

export function someMessages({ user, assistant, result, system }: TurnShape): fc.Arbitrary<NeutralMessage[]> {
  const turn = fc.record({
    said: fc.array(user, { minLength: 1, maxLength: 2 }),
    answered: assistant,
    results: fc.array(fc.record({ content: result, isError: fc.boolean() }), { minLength: 4, maxLength: 4 }),
  });
  return fc
    .record({ system, turns: fc.array(turn, { maxLength: 3 }), last: user })
    .map(({ system: head, turns, last }) => {
      const messages: NeutralMessage[] = head.length === 0 ? [] : [{ role: 'system', as: 'system', content: head }];
      let owed: ToolResultPart[] = [];
      let calls = 0;
      for (const { said, answered, results } of turns) {
        messages.push({ role: 'user', content: owed.length > 0 ? owed : said });
        const content = answered.map((part): AssistantPart => {
          if (part.type !== 'tool-call') return part;
          calls += 1;
          return { ...part, id: `${part.id.slice(0, 20)}_${calls}` };
        });
        messages.push({ role: 'assistant', content });
        owed = content
          .filter((part) => part.type === 'tool-call')
          .map(({ id, name }, index) => ({
            type: 'tool-result',
            callId: id,
            name,
            content: results[index % 4]?.content ?? [],
            isError: results[index % 4]?.isError ?? false,
          }));
      }
      messages.push({ role: 'user', content: owed.length > 0 ? owed : [last] });
      return messages;
    });
}

export const someTool: fc.Arbitrary<FunctionTool> = fc.record({
  type: fc.constant('function' as const),
  name: toolName,
  description: fc.option(someText, { nil: null }),
  parameters: fc.constantFrom<JsonObject>(
    { type: 'object', properties: {} },
    { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  ),
  strict: fc.constantFrom(true, null),
});

export const NOTHING_ASKED: Omit<NeutralRequest, 'model' | 'messages' | 'extras'> = {
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  maxOutputTokens: null,
  sampling: {
    temperature: null,
    topP: null,
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    seed: null,
    stop: [],
    logitBias: null,
    logprobs: null,
    topLogprobs: null,
  },
  reasoning: null,
  output: null,
  choices: 1,
  stream: false,
  wantsStreamUsage: true,
  endUser: null,
  metadata: null,
  serviceTier: null,
  cacheKey: null,
  modalities: null,
  audioOutput: null,
  verbosity: null,
};

export const imagePart: fc.Arbitrary<UserPart> = fc
  .base64String({ minLength: 4 })
  .map((data) => ({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data } }));
