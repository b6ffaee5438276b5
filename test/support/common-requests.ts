import fc from 'fast-check';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { AssistantPart, TextPart, ToolResultPart, UserPart } from '@sluice/llm/neutral/parts';
import type { NeutralMessage, NeutralRequest } from '@sluice/llm/neutral/request';
import {
  callPart,
  imagePart,
  NOTHING_ASKED,
  someMessages,
  someText,
  textPart,
  toolName,
} from './neutral-arbitraries.ts';

/** What every language says in the same way: no format's own means, and values within all ranges. */
export const commonRequest: fc.Arbitrary<NeutralRequest> = fc
  .record({
    messages: someMessages({
      user: fc.oneof(textPart as fc.Arbitrary<TextPart>, imagePart),
      assistant: fc
        .tuple(fc.array(textPart, { maxLength: 1 }), fc.array(callPart, { maxLength: 3 }))
        .map((parts) => parts.flat())
        .filter((parts) => parts.length > 0),
      result: someText.map((text): ToolResultPart['content'] => [{ type: 'text', text }]),
      system: fc.array(textPart as fc.Arbitrary<TextPart>, { maxLength: 1 }),
    }),
    tools: fc.uniqueArray(
      fc.record({
        type: fc.constant('function' as const),
        name: toolName,
        description: someText,
        parameters: fc.constantFrom<JsonObject>(
          { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          {
            type: 'object',
            properties: { kind: { type: 'string', enum: ['a', 'b'] }, n: { type: 'integer', minimum: 1 } },
          },
        ),
        strict: fc.constant(null),
      }),
      { maxLength: 3, selector: ({ name }) => name },
    ),
    choice: fc.constantFrom<NeutralRequest['toolChoice']>(
      null,
      { type: 'auto' },
      { type: 'none' },
      { type: 'required' },
    ),
    maxOutputTokens: fc.integer({ min: 16, max: 8_000 }),
    temperature: fc.constantFrom(null, 0, 0.5, 1),
    stream: fc.boolean(),
  })
  .map(({ messages, tools, choice, maxOutputTokens, temperature, stream }) => ({
    ...NOTHING_ASKED,
    model: 'm',
    messages: messages.map(withoutErrors),
    tools,
    toolChoice: tools.length === 0 ? null : choice,
    maxOutputTokens,
    sampling: { ...NOTHING_ASKED.sampling, temperature },
    stream,
    extras: { format: 'neutral', members: {} },
  }));

/** A failed tool is told by a mark in the text where there is no field; the same word in all formats is none. */
function withoutErrors(message: NeutralMessage): NeutralMessage {
  if (message.role !== 'user') return message;
  return {
    ...message,
    content: message.content.map((part) => (part.type === 'tool-result' ? { ...part, isError: false } : part)),
  };
}

/** The part of a request that no way through another language may change. */
export function asked(request: NeutralRequest): unknown {
  return {
    messages: request.messages.map(({ role, content }) => ({
      role,
      content: ([...content] as (UserPart | AssistantPart)[]).map(saidPart),
    })),
    tools: request.tools.map((tool) =>
      tool.type === 'function' ? [tool.name, tool.description, tool.parameters] : tool.type,
    ),
    toolChoice: request.toolChoice?.type === 'auto' ? null : request.toolChoice,
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.sampling.temperature,
    stop: request.sampling.stop,
  };
}

function saidPart(part: UserPart | AssistantPart): unknown {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'tool-call':
      return { call: part.id, name: part.name, arguments: JSON.parse(part.arguments) as unknown };
    case 'tool-result':
      return {
        result: part.callId,
        content: part.content.map((inner) => (inner.type === 'text' ? inner.text : inner)),
      };
    case 'image':
      return part.source;
    default:
      return part;
  }
}

/** Conversations whose calls and results were torn apart: lost, doubled, out of order and place. */
export const tornRequest: fc.Arbitrary<NeutralRequest> = commonRequest.chain((request) =>
  fc
    .array(fc.record({ at: fc.nat(), how: fc.constantFrom('drop', 'double', 'swap', 'stray', 'same-id') }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((wounds) => {
      const torn = structuredClone(request);
      for (const { at, how } of wounds) tear(torn.messages, at, how);
      return torn;
    }),
);

function tear(messages: NeutralMessage[], at: number, how: string): void {
  const index = at % messages.length;
  const message = messages[index] as NeutralMessage;
  const content = message.content as UserPart[];
  const stray: ToolResultPart = {
    type: 'tool-result',
    callId: 'call_of_nobody',
    name: null,
    content: [{ type: 'text', text: 'late' }],
    isError: true,
  };
  if (how === 'drop' && messages.length > 1) messages.splice(index, 1);
  else if (how === 'double') content.push(...structuredClone(content));
  else if (how === 'swap') messages.push(...messages.splice(index, 1));
  else if (how === 'stray' && message.role === 'user') content.unshift(stray);
  else if (how === 'same-id') {
    for (const part of messages.flatMap((each): (UserPart | AssistantPart)[] => each.content)) {
      if (part.type === 'tool-call') part.id = 'same';
      if (part.type === 'tool-result') part.callId = 'same';
    }
  }
}
