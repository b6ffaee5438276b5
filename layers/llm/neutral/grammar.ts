import type { BlockContent, StreamPart } from './stream.ts';

/** Checks that a stream keeps the grammar of `StreamPart`; used by tests and by decoders' own assertions. */
export interface Grammar {
  /** @throws Error naming the rule that the part breaks */
  push(part: StreamPart): void;
  /** @throws Error when the stream has not come to its end */
  end(): void;
}

interface GrammarState {
  started: boolean;
  ended: boolean;
  nextBlock: number;
  open: Map<number, { kind: BlockContent['type']; choice: number; hasContent: boolean }>;
  endedChoices: Set<number>;
  seenChoices: Set<number>;
}

export function createGrammar(): Grammar {
  const state: GrammarState = {
    started: false,
    ended: false,
    nextBlock: 0,
    open: new Map(),
    endedChoices: new Set(),
    seenChoices: new Set(),
  };
  return {
    push: (part) => check(state, part),
    end: () => demand(state.ended, 'the stream ends with response-end or failure'),
  };
}

function demand(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`Stream grammar: ${rule}`);
}

const KIND_OF_DELTA = {
  'text-delta': 'text',
  'reasoning-delta': 'reasoning',
  'refusal-delta': 'refusal',
  'arguments-delta': 'tool-call',
  'audio-delta': 'audio',
  citation: 'text',
} as const;

function check(state: GrammarState, part: StreamPart): void {
  demand(!state.ended, `nothing comes after the end, but ${part.type}`);
  if (part.type === 'failure') {
    state.ended = true;
    return;
  }
  demand(state.started !== (part.type === 'response-start'), 'response-start comes first and once');
  state.started = true;
  switch (part.type) {
    case 'block-start':
      return checkStart(state, part);
    case 'block-end':
      return checkEnd(state, part);
    case 'choice-end':
      demand(!state.endedChoices.has(part.choice), `choice ${part.choice} ends once`);
      demand(
        [...state.open.values()].every(({ choice }) => choice !== part.choice),
        `all blocks of choice ${part.choice} end before it`,
      );
      state.endedChoices.add(part.choice);
      return;
    case 'response-end':
      demand(state.open.size === 0, 'all blocks end before the response');
      demand(
        [...state.seenChoices].every((choice) => state.endedChoices.has(choice)) && state.endedChoices.size > 0,
        'all choices end before the response',
      );
      state.ended = true;
      return;
    case 'response-start':
    case 'usage':
    case 'logprobs':
      return;
    default:
      return checkDelta(state, part);
  }
}

function checkStart(
  state: GrammarState,
  { block, choice, content }: Extract<StreamPart, { type: 'block-start' }>,
): void {
  demand(block === state.nextBlock, `blocks are numbered without gaps: ${state.nextBlock}, not ${block}`);
  demand(!state.endedChoices.has(choice), `choice ${choice} has ended`);
  state.nextBlock += 1;
  state.seenChoices.add(choice);
  if (content.type === 'tool-call') demand(content.id !== '' && content.name !== '', 'a call has an id and a name');
  state.open.set(block, { kind: content.type, choice, hasContent: content.type === 'whole' });
}

function checkEnd(state: GrammarState, { block, carrier }: Extract<StreamPart, { type: 'block-end' }>): void {
  const open = state.open.get(block);
  demand(open !== undefined, `block ${block} is open when it ends`);
  const mayBeEmpty = open.kind === 'tool-call' || carrier !== undefined;
  demand(open.hasContent || mayBeEmpty, `block ${block} of kind ${open.kind} has content`);
  state.open.delete(block);
}

function checkDelta(state: GrammarState, part: Extract<StreamPart, { type: keyof typeof KIND_OF_DELTA }>): void {
  const open = state.open.get(part.block);
  demand(open !== undefined, `block ${part.block} is open when ${part.type} comes`);
  demand(open.kind === KIND_OF_DELTA[part.type], `${part.type} does not belong into a ${open.kind} block`);
  if ('text' in part) demand(part.text !== '', `${part.type} is not empty`);
  open.hasContent = true;
}
