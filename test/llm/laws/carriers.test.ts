import fc from 'fast-check';
import type { FormatName } from '@sluice/llm/formats/format-name';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { AssistantPart } from '@sluice/llm/neutral/parts';
import type { NeutralRequest, NeutralMessage } from '@sluice/llm/neutral/request';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import { carryingAnswer } from '../../support/common-answers.ts';
import { CARRIERS, collectWarnings } from '../../support/formats.ts';
import { createHolds, LAW_TIMEOUT_MS } from '../../support/laws.ts';
import { NOTHING_ASKED, piecesOf } from '../../support/neutral-arbitraries.ts';
import { callOf, clientOf, PAIRS, plain, UPSTREAM_SIDES, type ClientSide, type Pair } from '../../support/pairs.ts';

const holds = createHolds(3);

/** Where each language's vendor proves that its model reasoned. */
const CARRIABLE: Record<FormatName, readonly AssistantPart['type'][]> = {
  'openai-chat': ['reasoning'],
  'openai-responses': ['reasoning'],
  'anthropic-messages': ['reasoning'],
  gemini: ['reasoning', 'text', 'tool-call'],
  'bedrock-converse': ['reasoning'],
};

/** The conversation as it goes on when the client sends back the answer that it got, as the SDKs do it. */
const ECHO: Record<ClientSide['name'], (answer: JsonObject, results: JsonObject) => JsonObject> = {
  'openai-chat': ({ choices }, { messages, ...rest }) => {
    const [{ message }] = choices as [{ message: JsonObject }];
    return { ...rest, messages: between(messages as JsonObject[], [message]) };
  },
  'openai-responses': ({ output }, { input, ...rest }) => ({
    ...rest,
    input: between(input as JsonObject[], output as JsonObject[]),
  }),
  'anthropic-messages': ({ content }, { messages, ...rest }) => ({
    ...rest,
    messages: between(messages as JsonObject[], [{ role: 'assistant', content: content as JsonObject[] }]),
  }),
  gemini: ({ candidates }, { contents, ...rest }) => {
    const [{ content }] = candidates as [{ content: JsonObject }];
    return { ...rest, contents: between(contents as JsonObject[], [content]) };
  },
};

function between([first, ...others]: JsonObject[], middle: JsonObject[]): JsonObject[] {
  return [...(first ? [first] : []), ...middle, ...others];
}

/** The client's next request: what was asked, the answer as the client got it, the tools' results or another question. */
function goOn(client: ClientSide, answer: JsonObject): JsonObject {
  const question: NeutralMessage = { role: 'user', content: [{ type: 'text', text: 'question' }] };
  const next: NeutralRequest = {
    ...NOTHING_ASKED,
    model: 'm',
    maxOutputTokens: 1_000,
    messages: [question, { role: 'user', content: [{ type: 'text', text: 'and now?' }] }],
    extras: { format: 'neutral', members: {} },
  };
  const wire = plain(client.codec.encodeRequest(next, callOf(client)));
  // Neighbours of one role are one message in some languages.
  const asked = ECHO[client.name](answer, SPLIT[client.name]?.(wire) ?? wire);
  return plain(asked);
}

const SPLIT: Partial<Record<ClientSide['name'], (wire: JsonObject) => JsonObject>> = {
  'anthropic-messages': (wire) => ({
    ...wire,
    messages: ['question', 'and now?'].map((content) => ({ role: 'user', content })),
  }),
  gemini: (wire) => ({
    ...wire,
    contents: ['question', 'and now?'].map((text) => ({ role: 'user', parts: [{ text }] })),
  }),
};

function carriedBy({ choices }: NeutralResponse): string[] {
  return (choices[0]?.content ?? []).flatMap((part) => ('carrier' in part && part.carrier ? [part.carrier.data] : []));
}

/** Clients of Anthropic's take the last block for the answer, so nothing hidden may stand behind it. */
function hasPlaceFor({ name }: ClientSide, { choices }: NeutralResponse): boolean {
  const last = choices[0]?.content.at(-1);
  return name !== 'anthropic-messages' || last?.type !== 'text' || last.carrier === undefined;
}

/** What the client gets of the answer, whole. */
function answered({ client }: Pair, answer: NeutralResponse): JsonObject {
  return plain(client.codec.encodeResponse(answer, clientOf(client)));
}

/** The next request as an upstream would get it, and what is warned of. */
function sentOn(client: ClientSide, wire: JsonObject, to: Pair['upstream'], origin: string) {
  const { warnings, warn } = collectWarnings();
  const request = client.codec.decodeRequest(wire, clientOf(client, { warn, model: 'm' }));
  const body = to.codec.encodeRequest(request, callOf(to, { origin, warn }));
  return { text: JSON.stringify(body), warnings };
}

describe.each(PAIRS)('reasoning of $upstream.name in the hands of a client of $client.name', (pair) => {
  const { client, upstream } = pair;
  const origin = `${upstream.name}@there`;
  const answers = carryingAnswer(origin, CARRIABLE[upstream.name]).filter(
    (answer) => carriedBy(answer).length > 0 && hasPlaceFor(client, answer),
  );

  test(
    'comes back to its origin byte for byte, whether the answer was streamed or whole',
    () => {
      const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
      holds(fc.tuple(answers, sizes), ([answer, pieces]) => {
        const encoder = client.codec.createStreamEncoder(clientOf(client));
        const sse = piecesOf(answer, pieces)
          .map((part) => encoder.push(part))
          .join('');
        const carried = carriedBy(answer);
        for (const wire of [answered(pair, answer), collected(client, sse)]) {
          const { text } = sentOn(client, goOn(client, wire), upstream, origin);
          for (const data of carried) expect(text).toContain(data);
          expect(text).not.toContain('slreason1');
        }
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'is never sent to anybody else, and the client is told',
    () => {
      holds(fc.tuple(answers, fc.constantFrom(...UPSTREAM_SIDES)), ([answer, other]) => {
        const wire = goOn(client, answered(pair, answer));
        const { text, warnings } = sentOn(client, wire, other, `${other.name}@elsewhere`);
        for (const data of carriedBy(answer)) expect(text).not.toContain(data);
        expect(text).not.toContain('slreason1');
        // What signs a text or a call says nothing to anybody else and is no loss to them.
        const isReasoning = answer.choices[0]?.content.some((part) => part.type === 'reasoning');
        expect(warnings.some((warning) => warning.startsWith('foreign-reasoning')) || !isReasoning).toBe(true);
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'is left out where somebody has changed it, and the client is told',
    () => {
      holds(fc.tuple(answers, fc.nat(), fc.constantFrom(...UPSTREAM_SIDES)), ([answer, at, other]) => {
        const forging = {
          open: CARRIERS.open,
          seal: (carrier: Parameters<typeof CARRIERS.seal>[0]) => changed(CARRIERS.seal(carrier), at),
        };
        const wire = plain(client.codec.encodeResponse(answer, clientOf(client, { carriers: forging })));
        const { text, warnings } = sentOn(client, goOn(client, wire), other, origin);
        for (const data of carriedBy(answer)) expect(text).not.toContain(data);
        expect(text).not.toContain('slreason1');
        expect(warnings.filter((warning) => warning.startsWith('forged-carrier'))).not.toEqual([]);
      });
    },
    LAW_TIMEOUT_MS,
  );
});

/** One letter of the envelope, behind its mark, is another one; the last may hold bits that mean nothing. */
function changed(sealed: string, at: number): string {
  const from = 'slreason1_'.length;
  const index = from + (at % (sealed.length - from - 1));
  return sealed.slice(0, index) + (sealed[index] === 'A' ? 'B' : 'A') + sealed.slice(index + 1);
}

/** The whole answer that a client's SDK puts together from the stream. */
function collected(client: ClientSide, sse: string): JsonObject {
  return COLLECT[client.name](sse.split('\n\n').flatMap(eventData));
}

function eventData(event: string): JsonObject[] {
  const data = /^data: (\{.*)$/m.exec(event)?.[1];
  return data === undefined ? [] : [JSON.parse(data) as JsonObject];
}

const COLLECT: Record<ClientSide['name'], (events: JsonObject[]) => JsonObject> = {
  'openai-chat': (events) => {
    const calls: { id: string; type: string; function: { name: string; arguments: string } }[] = [];
    const details: JsonObject[] = [];
    let content: string | null = null;
    for (const { choices } of events as unknown as ChatChunk[]) {
      const delta = choices[0]?.delta ?? {};
      if (delta.content) content = (content ?? '') + delta.content;
      for (const call of delta.tool_calls ?? []) {
        const known = (calls[call.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } });
        known.id ||= call.id ?? '';
        known.function.name += call.function.name ?? '';
        known.function.arguments += call.function.arguments ?? '';
      }
      details.push(...(delta.reasoning_details ?? []));
    }
    const message = {
      role: 'assistant',
      content,
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(details.length > 0 && { reasoning_details: details }),
    };
    return { choices: [{ message }] };
  },
  'openai-responses': (events) =>
    events.findLast(({ type }) => type === 'response.completed')?.['response'] as JsonObject,
  'anthropic-messages': (events) => {
    const content: JsonObject[] = [];
    const inputs: string[] = [];
    for (const { index, content_block: begun, delta } of events as unknown as MessagesEvent[]) {
      if (index === undefined) continue;
      if (begun) content[index] = { ...begun };
      const block = content[index] ?? {};
      for (const member of ['text', 'thinking', 'signature'] as const) {
        if (delta?.[member] !== undefined) block[member] = String(block[member] ?? '') + delta[member];
      }
      if (delta?.partial_json !== undefined) inputs[index] = (inputs[index] ?? '') + delta.partial_json;
    }
    for (const [index, text] of inputs.entries()) {
      const block = content[index];
      if (text && block) block['input'] = JSON.parse(text) as JsonObject;
    }
    return { content };
  },
  gemini: (events) => {
    const parts = (events as unknown as GeminiChunk[]).flatMap(
      ({ candidates }) => candidates?.[0]?.content?.parts ?? [],
    );
    return { candidates: [{ content: { role: 'model', parts } }] };
  },
};

interface ChatChunk {
  choices: {
    delta: {
      content?: string | null;
      tool_calls?: { index: number; id?: string; function: { name?: string; arguments?: string } }[];
      reasoning_details?: JsonObject[];
    };
  }[];
}

interface MessagesEvent {
  index?: number;
  content_block?: JsonObject;
  delta?: { text?: string; thinking?: string; signature?: string; partial_json?: string };
}

interface GeminiChunk {
  candidates?: { content?: { parts?: JsonObject[] } }[];
}
