import type { Citation, ReasoningCarrier } from '../../neutral/parts.ts';
import type { BlockContent, BlockStart, StreamPart } from '../../neutral/stream.ts';
import { linkTo } from '../anthropic-messages/encode-response.ts';
import { sealIntoId } from '../carried-id.ts';
import type { ClientContext, StreamEncoder } from '../codec.ts';
import type { UsageFigures } from '../usage-figures.ts';
import { completionId, isLegacy } from './encode-response.ts';
import { encodeStreamError } from './errors.ts';
import { encodeFinish } from './finish-reasons.ts';
import { encodeAnnotation } from './parts/annotations.ts';
import { encodeDetail } from './parts/reasoning.ts';
import { encodeUsage } from './usage.ts';

/** What is known of one choice. */
interface ChoiceState {
  index: number;
  calls: number;
  details: number;
  /** Characters of its text so far. */
  length: number;
  /** Of reasoning that led to the next call, whose id hides it. */
  pending: ReasoningCarrier | undefined;
}

interface OpenBlock {
  kind: BlockContent['type'];
  choice: ChoiceState;
  /** The call's index within its choice. */
  call: number;
  custom: boolean;
  /** Where the text begins in its choice, for citations. */
  from: number;
  citations: Citation[];
}

interface EncoderState {
  client: ClientContext;
  legacy: boolean;
  /** A chunk up to its choices, and what follows them. */
  head: string;
  tail: string;
  choices: Map<number, ChoiceState>;
  open: Map<number, OpenBlock>;
  usage: UsageFigures | null;
}

/** https://platform.openai.com/docs/api-reference/chat-streaming: calls may be open side by side, so nothing waits. */
export function createStreamEncoder(client: ClientContext): StreamEncoder {
  const state: EncoderState = {
    client,
    legacy: isLegacy(client),
    head: '',
    tail: client.wantsStreamUsage ? ',"usage":null}\n\n' : '}\n\n',
    choices: new Map(),
    open: new Map(),
    usage: null,
  };
  return { push: (part) => encode(state, part) };
}

function encode(state: EncoderState, part: StreamPart): string {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
    case 'arguments-delta':
      return textDelta(state, part.block, part.text);
    case 'response-start':
      state.head = headOf(part.id, state.client);
      state.usage = part.usage;
      return startChoice(state, 0);
    case 'block-start':
      return startBlock(state, part);
    case 'audio-delta':
      return audioDelta(state, part);
    case 'citation':
      state.open.get(part.block)?.citations.push(part.citation);
      return '';
    case 'block-end':
      return endBlock(state, part.block, part.carrier);
    case 'logprobs':
      return (
        startChoice(state, part.choice) + chunk(state, part.choice, '{}', { logprobs: JSON.stringify(part.logprobs) })
      );
    case 'usage':
      state.usage = part.usage;
      return '';
    case 'choice-end':
      return endChoice(state, part);
    case 'response-end':
      state.usage = part.usage ?? state.usage;
      return usageChunk(state) + END_MARKER;
    case 'failure':
      return encodeStreamError(part.error).toString();
  }
}

export const END_MARKER = 'data: [DONE]\n\n';

function headOf(id: string, client: ClientContext): string {
  const members = {
    id: completionId(id, client),
    object: 'chat.completion.chunk',
    created: client.nowSeconds,
    model: client.model,
  };
  return `data: ${JSON.stringify(members).slice(0, -1)},"choices":[`;
}

function chunk(
  state: EncoderState,
  choice: number,
  delta: string,
  other: { logprobs?: string; finish?: string } = {},
): string {
  const logprobs = other.logprobs === undefined ? '' : `,"logprobs":${other.logprobs}`;
  const finish = other.finish === undefined ? 'null' : `"${other.finish}"`;
  return `${state.head}{"index":${choice},"delta":${delta}${logprobs},"finish_reason":${finish}}]${state.tail}`;
}

/** The role, once for each choice. */
function startChoice(state: EncoderState, index: number): string {
  if (state.choices.has(index)) return '';
  state.choices.set(index, { index, calls: 0, details: 0, length: 0, pending: undefined });
  return chunk(state, index, '{"role":"assistant","content":""}');
}

function startBlock(state: EncoderState, { block, choice: index, content }: BlockStart): string {
  const started = startChoice(state, index);
  const choice = state.choices.get(index) as ChoiceState;
  const open: OpenBlock = {
    kind: content.type,
    choice,
    call: -1,
    custom: false,
    from: choice.length,
    citations: [],
  };
  state.open.set(block, open);
  if (content.type === 'tool-call') return started + startCall(state, open, content);
  return content.type === 'whole' ? started + wholePart(state, open, content) : started;
}

function startCall(
  state: EncoderState,
  open: OpenBlock,
  content: Extract<BlockContent, { type: 'tool-call' }>,
): string {
  const { choice } = open;
  open.call = choice.calls;
  open.custom = content.custom === true;
  choice.calls += 1;
  const id = sealIntoId(content.id, content.carrier ?? choice.pending, state.client);
  choice.pending = undefined;
  const name = JSON.stringify(content.name);
  if (state.legacy)
    return open.call > 0 ? '' : chunk(state, choice.index, `{"function_call":{"name":${name},"arguments":""}}`);
  const called = open.custom
    ? `"type":"custom","custom":{"name":${name},"input":""}`
    : `"type":"function","function":{"name":${name},"arguments":""}`;
  return chunk(state, choice.index, `{"tool_calls":[{"index":${open.call},"id":${JSON.stringify(id)},${called}}]}`);
}

function wholePart(
  state: EncoderState,
  { choice }: OpenBlock,
  { part }: Extract<BlockContent, { type: 'whole' }>,
): string {
  if (part.type !== 'image' && part.type !== 'document') return '';
  const text = linkTo(part);
  if (text === null) return '';
  choice.length += text.length;
  return chunk(state, choice.index, `{"content":${JSON.stringify(text)}}`);
}

function textDelta(state: EncoderState, block: number, text: string): string {
  const open = state.open.get(block);
  if (open === undefined) return '';
  const { choice } = open;
  const json = JSON.stringify(text);
  switch (open.kind) {
    case 'text':
      choice.length += text.length;
      return chunk(state, choice.index, `{"content":${json}}`);
    case 'reasoning':
      return chunk(state, choice.index, `{"reasoning_content":${json}}`);
    case 'refusal':
      return chunk(state, choice.index, `{"refusal":${json}}`);
    default:
      return argumentsDelta(state, open, json);
  }
}

function argumentsDelta(state: EncoderState, { call, custom, choice }: OpenBlock, json: string): string {
  if (state.legacy) return call > 0 ? '' : chunk(state, choice.index, `{"function_call":{"arguments":${json}}}`);
  const called = custom ? `"custom":{"input":${json}}` : `"function":{"arguments":${json}}`;
  return chunk(state, choice.index, `{"tool_calls":[{"index":${call},${called}}]}`);
}

function audioDelta(
  state: EncoderState,
  { block, data, transcript }: Extract<StreamPart, { type: 'audio-delta' }>,
): string {
  const open = state.open.get(block);
  if (open === undefined) return '';
  const audio = {
    id: `audio_${state.client.requestId}`,
    ...(data !== '' && { data }),
    ...(transcript !== '' && { transcript }),
  };
  return chunk(state, open.choice.index, JSON.stringify({ audio }));
}

function endBlock(state: EncoderState, block: number, carrier: ReasoningCarrier | undefined): string {
  const open = state.open.get(block);
  if (open === undefined) return '';
  state.open.delete(block);
  const { choice, from, citations } = open;
  let text = '';
  if (citations.length > 0) {
    const annotations = citations
      .map((citation) => encodeAnnotation(citation, from, choice.length - from))
      .filter(Boolean);
    if (annotations.length > 0) text += chunk(state, choice.index, JSON.stringify({ annotations }));
  }
  if (carrier === undefined) return text;
  // Only reasoning leads to a call; a call's own carrier that comes this late has its place in the details alone.
  if (open.kind === 'reasoning') choice.pending = carrier;
  const detail = encodeDetail(state.client.carriers.seal(carrier), choice.details);
  choice.details += 1;
  return text + chunk(state, choice.index, JSON.stringify({ reasoning_details: [detail] }));
}

function endChoice(state: EncoderState, { choice, finish }: Extract<StreamPart, { type: 'choice-end' }>): string {
  const started = startChoice(state, choice);
  const calls = (state.choices.get(choice)?.calls ?? 0) > 0;
  return started + chunk(state, choice, '{}', { finish: encodeFinish(finish, calls, state.legacy) });
}

function usageChunk({ client, head, usage }: EncoderState): string {
  return client.wantsStreamUsage ? `${head}],"usage":${JSON.stringify(encodeUsage(usage))}}\n\n` : '';
}
