import type { AssistantPart, ReasoningCarrier } from './parts.ts';
import type { NeutralChoice, NeutralResponse } from './response.ts';
import type { BlockContent, StreamPart } from './stream.ts';

/** The stream that a whole answer amounts to: for a client that asked to stream where the upstream answered at once. */
export function* unfoldResponse(response: NeutralResponse): Generator<StreamPart> {
  const { id, model, usage, serviceTier } = response;
  yield { type: 'response-start', id, model, usage };
  let block = 0;
  for (const [index, choice] of response.choices.entries()) {
    for (const part of choice.content) {
      yield* unfoldPart(part, block, index);
      block += 1;
    }
    yield* endChoice(choice, index);
  }
  yield { type: 'response-end', usage, serviceTier };
}

function* endChoice({ finish, logprobs }: NeutralChoice, choice: number): Generator<StreamPart> {
  if (logprobs !== undefined) yield { type: 'logprobs', choice, logprobs };
  yield { type: 'choice-end', choice, finish };
}

function* unfoldPart(part: AssistantPart, block: number, choice: number): Generator<StreamPart> {
  const { content, deltas, carrier } = piecesOf(part, block);
  yield { type: 'block-start', block, choice, content };
  yield* deltas;
  yield carrier ? { type: 'block-end', block, carrier } : { type: 'block-end', block };
}

interface Pieces {
  content: BlockContent;
  deltas: StreamPart[];
  carrier?: ReasoningCarrier | undefined;
}

function piecesOf(part: AssistantPart, block: number): Pieces {
  switch (part.type) {
    case 'text': {
      const citations = (part.citations ?? []).map((citation) => ({ type: 'citation', block, citation }) as const);
      const deltas = [...textDelta('text-delta', block, part.text), ...citations];
      return { content: { type: 'text' }, deltas, carrier: part.carrier };
    }
    case 'reasoning': {
      const deltas = textDelta('reasoning-delta', block, part.text);
      return { content: { type: 'reasoning' }, deltas, carrier: part.carrier };
    }
    case 'refusal':
      return { content: { type: 'refusal' }, deltas: textDelta('refusal-delta', block, part.text) };
    case 'tool-call': {
      const { id, name, custom, carrier } = part;
      const content: BlockContent = {
        type: 'tool-call',
        id,
        name,
        ...(custom && { custom }),
        ...(carrier && { carrier }),
      };
      return { content, deltas: textDelta('arguments-delta', block, part.arguments) };
    }
    default:
      return { content: { type: 'whole', part }, deltas: [] };
  }
}

type TextDelta = 'text-delta' | 'reasoning-delta' | 'refusal-delta' | 'arguments-delta';

function textDelta(type: TextDelta, block: number, text: string): StreamPart[] {
  return text === '' ? [] : [{ type, block, text }];
}
