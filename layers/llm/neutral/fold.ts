import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Json } from './json.ts';
import type { AssistantPart, AudioPart, ReasoningCarrier, TextPart } from './parts.ts';
import type { NeutralChoice, NeutralResponse } from './response.ts';
import type { BlockContent, BlockStart, StreamPart } from './stream.ts';

/** A block while its deltas come in; the texts are joined at its end. */
interface OpenBlock {
  content: BlockContent;
  /** The place in the choice's content. */
  place: AssistantPart[];
  index: number;
  texts: string[];
  transcripts: string[];
  citations: TextPart['citations'];
}

interface FoldState {
  response: NeutralResponse;
  open: Map<number, OpenBlock>;
  ended: boolean;
  failure: GatewayError | null;
}

/** Collects a stream into the whole answer that it amounts to. */
export interface Fold {
  push(part: StreamPart): void;
  /** The answer so far; whole when `ended`. */
  read(): { response: NeutralResponse; ended: boolean; failure: GatewayError | null };
}

export function createFold(): Fold {
  const state: FoldState = {
    response: { id: '', model: '', choices: [], usage: null, serviceTier: null },
    open: new Map(),
    ended: false,
    failure: null,
  };
  return {
    push: (part) => take(state, part),
    read: () => {
      for (const [block] of state.open) settleBlock(state, block, undefined);
      return { response: state.response, ended: state.ended, failure: state.failure };
    },
  };
}

/** @throws what the stream failed with */
export function foldStream(parts: Iterable<StreamPart>): NeutralResponse {
  const fold = createFold();
  for (const part of parts) fold.push(part);
  const { response, failure } = fold.read();
  if (failure) throw failure;
  return response;
}

function take(state: FoldState, part: StreamPart): void {
  const { response } = state;
  switch (part.type) {
    case 'response-start':
      response.id = part.id;
      response.model = part.model;
      response.usage = part.usage;
      return;
    case 'block-start':
      return startBlock(state, part);
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
    case 'arguments-delta':
      state.open.get(part.block)?.texts.push(part.text);
      return;
    case 'audio-delta':
      state.open.get(part.block)?.texts.push(part.data);
      state.open.get(part.block)?.transcripts.push(part.transcript);
      return;
    case 'citation':
      cite(state, part);
      return;
    case 'block-end':
      return settleBlock(state, part.block, part.carrier);
    case 'logprobs':
      addLogprobs(choiceAt(response, part.choice), part.logprobs);
      return;
    case 'usage':
      response.usage = part.usage;
      return;
    case 'choice-end':
      choiceAt(response, part.choice).finish = part.finish;
      return;
    case 'response-end':
      response.usage = part.usage ?? response.usage;
      response.serviceTier = part.serviceTier;
      state.ended = true;
      return;
    case 'failure':
      state.failure = part.error;
      return;
  }
}

function choiceAt(response: NeutralResponse, index: number): NeutralChoice {
  while (response.choices.length <= index) {
    response.choices.push({ content: [], finish: { reason: 'stop', stopSequence: null } });
  }
  return response.choices[index] as NeutralChoice;
}

function startBlock({ response, open }: FoldState, { block, choice, content }: BlockStart): void {
  const place = choiceAt(response, choice).content;
  const index = place.length;
  place.push(content.type === 'whole' ? content.part : emptyPart(content));
  if (content.type === 'whole') return;
  open.set(block, { content, place, index, texts: [], transcripts: [], citations: undefined });
}

function emptyPart(content: Exclude<BlockContent, { type: 'whole' }>): AssistantPart {
  switch (content.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return { type: content.type, text: '' };
    case 'tool-call': {
      const { id, name, custom, carrier } = content;
      return { type: 'tool-call', id, name, arguments: '', ...(custom && { custom }), ...(carrier && { carrier }) };
    }
    case 'audio':
      return { type: 'audio', source: { kind: 'base64', mediaType: content.mediaType, data: '' } };
  }
}

function cite(state: FoldState, { block, citation }: Extract<StreamPart, { type: 'citation' }>): void {
  const open = state.open.get(block);
  if (open) open.citations = [...(open.citations ?? []), citation];
}

function settleBlock({ open }: FoldState, block: number, carrier: ReasoningCarrier | undefined): void {
  const held = open.get(block);
  if (!held) return;
  open.delete(block);
  const part = held.place[held.index] as AssistantPart;
  const text = held.texts.join('');
  if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') part.text = text;
  else if (part.type === 'tool-call') part.arguments = text;
  else if (part.type === 'audio') fillAudio(part, text, held.transcripts.join(''));
  if (part.type === 'text' && held.citations) part.citations = held.citations;
  if (carrier && (part.type === 'text' || part.type === 'reasoning' || part.type === 'tool-call')) {
    part.carrier = carrier;
  }
}

function fillAudio(part: AudioPart, data: string, transcript: string): void {
  if (part.source.kind === 'base64') part.source.data = data;
  if (transcript !== '') part.transcript = transcript;
}

/** OpenAI's `{content: [...], refusal: [...]}`, of which each chunk brings a few entries. */
function addLogprobs(choice: NeutralChoice, added: Json): void {
  if (!isLists(choice.logprobs) || !isLists(added)) {
    choice.logprobs = added;
    return;
  }
  for (const [name, entries] of Object.entries(added)) {
    const before = choice.logprobs[name];
    choice.logprobs[name] = Array.isArray(before) && Array.isArray(entries) ? [...before, ...entries] : entries;
  }
}

function isLists(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
