import { createBlockQueue, type BlockQueue } from '../../neutral/block-queue.ts';
import type { Citation, ReasoningCarrier } from '../../neutral/parts.ts';
import type { Finish } from '../../neutral/response.ts';
import type { BlockContent, BlockStart, StreamPart } from '../../neutral/stream.ts';
import { sealIntoId } from '../carried-id.ts';
import type { ClientContext, StreamEncoder } from '../codec.ts';
import type { UsageFigures } from '../usage-figures.ts';
import { encodeServiceTier, encodeWhole, messageId } from './encode-response.ts';
import { encodeStreamError } from './errors.ts';
import { encodeCitation } from './parts/citations.ts';
import { encodeStop } from './stop-reasons.ts';
import { encodeUsage } from './usage.ts';

/** What the one open block is on the wire. */
type Open = 'none' | 'text' | 'thinking' | 'tool' | 'custom' | 'transcript' | 'pending-thinking' | 'hidden';

interface EncoderState {
  client: ClientContext;
  queue: BlockQueue;
  /** Of the open block, or of the next one. */
  index: number;
  /** Its neutral number. */
  block: number;
  open: Open;
  hasCalls: boolean;
  /** Of a text or call that has ended, to be placed before the next block. */
  behind: ReasoningCarrier | null;
  finish: Finish;
  usage: UsageFigures | null;
}

/** https://docs.claude.com/en/docs/build-with-claude/streaming: one open block at a time, indices without gaps. */
export function createStreamEncoder(client: ClientContext): StreamEncoder {
  const state: EncoderState = {
    client,
    queue: createBlockQueue(),
    index: 0,
    block: -1,
    open: 'none',
    hasCalls: false,
    behind: null,
    finish: { reason: 'stop', stopSequence: null },
    usage: null,
  };
  return {
    push(part) {
      if (part.type === 'text-delta' && part.block === state.block && state.open === 'text')
        return textDelta(state, part.text);
      let text = '';
      for (const next of state.queue.push(part)) text += encode(state, next);
      return text;
    },
  };
}

function encode(state: EncoderState, part: StreamPart): string {
  switch (part.type) {
    case 'response-start':
      return startMessage(state, part);
    case 'block-start':
      return startBlock(state, part);
    case 'text-delta':
    case 'refusal-delta':
      return textDelta(state, part.text);
    case 'reasoning-delta':
      return thinkingDelta(state, part.text);
    case 'arguments-delta':
      return argumentsDelta(state, part.text);
    case 'audio-delta':
      return part.transcript === '' ? '' : transcriptDelta(state, part.transcript);
    case 'citation':
      return citationDelta(state, part.citation);
    case 'block-end':
      return endBlock(state, part.carrier);
    case 'usage':
      state.usage = part.usage;
      return '';
    case 'choice-end':
      if (part.choice === 0) state.finish = part.finish;
      return '';
    case 'logprobs':
      return '';
    case 'response-end':
      state.usage = part.usage ?? state.usage;
      return endMessage(state, part.serviceTier);
    case 'failure':
      return encodeStreamError(part.error).toString();
  }
}

function startMessage(state: EncoderState, { id, usage }: Extract<StreamPart, { type: 'response-start' }>): string {
  const { client } = state;
  state.usage = usage;
  const told = encodeUsage(usage);
  if (usage === null && client.inputTokens !== null) told['input_tokens'] = client.inputTokens;
  const message = {
    id: messageId(id, client),
    type: 'message',
    role: 'assistant',
    model: client.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: told,
  };
  return event('message_start', `"message":${JSON.stringify(message)}`);
}

function startBlock(state: EncoderState, { block: number, choice, content }: BlockStart): string {
  state.block = number;
  // Answers beside the first have no place here; whoever asks in this format never asks for them.
  if (choice !== 0) {
    state.open = 'hidden';
    return '';
  }
  return placeCarrier(state) + openBlock(state, content);
}

/**
 * The carrier of a text or a call stands behind it, in the only place that clients send back. Behind the last block
 * there is none: clients take the last block for the answer.
 */
function placeCarrier(state: EncoderState): string {
  const { behind } = state;
  state.behind = null;
  return behind ? signedThinking(state, behind) : '';
}

function openBlock(state: EncoderState, content: BlockContent): string {
  switch (content.type) {
    case 'text':
    case 'refusal':
      return open(state, 'text', EMPTY_TEXT);
    case 'reasoning':
      // Whether there is anything to read shows only with its first text or its end.
      state.open = 'pending-thinking';
      return '';
    case 'tool-call': {
      state.hasCalls = true;
      const id = JSON.stringify(sealIntoId(content.id, content.carrier, state.client));
      const block = `{"type":"tool_use","id":${id},"name":${JSON.stringify(content.name)},"input":{}}`;
      const started = open(state, content.custom ? 'custom' : 'tool', block);
      return content.custom ? started + argumentsText(state, '{"input":"') : started;
    }
    case 'audio':
      state.open = 'hidden';
      return '';
    case 'whole': {
      const block = encodeWhole(content.part, state.client);
      if (block === null) state.open = 'hidden';
      return block === null ? '' : startWhole(state, block);
    }
  }
}

const EMPTY_TEXT = '{"type":"text","text":""}';

/** A text comes in a delta like any other, so that readers of deltas see it. */
function startWhole(state: EncoderState, block: { [key: string]: unknown }): string {
  if (block['type'] !== 'text') return open(state, 'tool', JSON.stringify(block));
  return open(state, 'text', EMPTY_TEXT) + textDelta(state, String(block['text']));
}

function open(state: EncoderState, kind: Open, block: string): string {
  state.open = kind;
  return event('content_block_start', `"index":${state.index},"content_block":${block}`);
}

function textDelta(state: EncoderState, text: string): string {
  if (state.open !== 'text') return '';
  return delta(state, `{"type":"text_delta","text":${JSON.stringify(text)}}`);
}

function thinkingDelta(state: EncoderState, text: string): string {
  const started = state.open === 'pending-thinking' ? open(state, 'thinking', EMPTY_THINKING) : '';
  if (state.open !== 'thinking') return '';
  return started + delta(state, `{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`);
}

const EMPTY_THINKING = '{"type":"thinking","thinking":"","signature":""}';

function argumentsDelta(state: EncoderState, text: string): string {
  // Inside the one JSON string that a custom tool's input is.
  if (state.open === 'custom') return argumentsText(state, JSON.stringify(text).slice(1, -1));
  return state.open === 'tool' ? argumentsText(state, text) : '';
}

function argumentsText(state: EncoderState, text: string): string {
  return delta(state, `{"type":"input_json_delta","partial_json":${JSON.stringify(text)}}`);
}

/** What is spoken, as text: the sound itself has no place here. */
function transcriptDelta(state: EncoderState, transcript: string): string {
  const started = state.open === 'hidden' ? open(state, 'transcript', EMPTY_TEXT) : '';
  return started + delta(state, `{"type":"text_delta","text":${JSON.stringify(transcript)}}`);
}

function citationDelta(state: EncoderState, citation: Citation): string {
  const encoded = state.open === 'text' ? encodeCitation(citation) : null;
  return encoded === null ? '' : delta(state, `{"type":"citations_delta","citation":${JSON.stringify(encoded)}}`);
}

function endBlock(state: EncoderState, carrier: ReasoningCarrier | undefined): string {
  const kind = state.open;
  state.open = 'none';
  switch (kind) {
    case 'pending-thinking':
      return carrier ? hiddenThinking(state, carrier) : '';
    case 'thinking':
      return (carrier ? signatureDelta(state, carrier) : '') + stop(state);
    case 'custom':
      return argumentsText(state, '"}') + stop(state);
    case 'hidden':
    case 'none':
      return '';
    default:
      state.behind = carrier ?? null;
      return stop(state);
  }
}

/** Reasoning that is not shown. */
function hiddenThinking(state: EncoderState, carrier: ReasoningCarrier): string {
  if (carrier.kind === 'signature') return signedThinking(state, carrier);
  const data = JSON.stringify(state.client.carriers.seal(carrier));
  const started = open(state, 'none', `{"type":"redacted_thinking","data":${data}}`);
  return started + stop(state);
}

function signedThinking(state: EncoderState, carrier: ReasoningCarrier): string {
  const started = open(state, 'none', EMPTY_THINKING);
  return started + signatureDelta(state, carrier) + stop(state);
}

function signatureDelta(state: EncoderState, carrier: ReasoningCarrier): string {
  return delta(state, `{"type":"signature_delta","signature":${JSON.stringify(state.client.carriers.seal(carrier))}}`);
}

function delta({ index }: EncoderState, json: string): string {
  return event('content_block_delta', `"index":${index},"delta":${json}`);
}

function stop(state: EncoderState): string {
  const text = event('content_block_stop', `"index":${state.index}`);
  state.index += 1;
  return text;
}

function endMessage(state: EncoderState, serviceTier: string | null): string {
  const { finish, usage, hasCalls } = state;
  const ending = { stop_reason: encodeStop(finish, hasCalls), stop_sequence: finish.stopSequence };
  const told = encodeUsage(usage, encodeServiceTier(serviceTier));
  if (usage === null && state.client.inputTokens !== null) told['input_tokens'] = state.client.inputTokens;
  const members = `"delta":${JSON.stringify(ending)},"usage":${JSON.stringify(told)}`;
  return event('message_delta', members) + MESSAGE_STOP;
}

export const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

function event(name: string, members: string): string {
  return `event: ${name}\ndata: {"type":"${name}",${members}}\n\n`;
}
