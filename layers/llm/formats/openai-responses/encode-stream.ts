import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Json } from '../../neutral/json.ts';
import type { ReasoningCarrier } from '../../neutral/parts.ts';
import type { FinishReason } from '../../neutral/response.ts';
import type { BlockStart, StreamPart } from '../../neutral/stream.ts';
import type { ClientContext, StreamEncoder } from '../codec.ts';
import type { UsageFigures } from '../usage-figures.ts';
import { encodeFailure, encodeResponseError } from './errors.ts';
import { BLOCKS, type OpenBlock } from './parts/blocks.ts';
import { closeMessage, createOutput, event, type Output } from './parts/output.ts';
import {
  createFrame,
  NOTHING_YET,
  writeResponse,
  type ResponseFrame,
  type ResponseStanding,
} from './parts/response-object.ts';
import { encodeUsage } from './usage.ts';

export interface EncoderState {
  client: ClientContext;
  frame: ResponseFrame;
  output: Output;
  blocks: Map<number, OpenBlock>;
  started: boolean;
  ended: boolean;
  usage: UsageFigures | null;
  finish: FinishReason;
  refused: boolean;
  /** The whole response, once it has ended. */
  response: string | null;
}

/** The stream of one response; `response` is what its last event carries. */
export interface ResponsesEncoder extends StreamEncoder {
  readonly response: string | null;
}

export function createStreamEncoder(client: ClientContext): ResponsesEncoder {
  const state: EncoderState = {
    client,
    frame: createFrame(client),
    output: createOutput(client),
    blocks: new Map(),
    started: false,
    ended: false,
    usage: null,
    finish: 'stop',
    refused: false,
    response: null,
  };
  return {
    push: (part) => (state.ended ? '' : encode(state, part)),
    get response() {
      return state.response;
    },
  };
}

function encode(state: EncoderState, part: StreamPart): string {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
    case 'arguments-delta':
      return state.blocks.get(part.block)?.delta(part.text) ?? '';
    case 'block-start':
      return startBlock(state, part);
    case 'block-end':
      return endBlock(state, part.block, part.carrier);
    case 'citation':
      return state.blocks.get(part.block)?.cite(part.citation) ?? '';
    case 'audio-delta':
      return state.blocks.get(part.block)?.delta(part.transcript) ?? '';
    case 'response-start':
      state.usage = part.usage;
      return start(state);
    case 'usage':
      state.usage = part.usage;
      return '';
    case 'logprobs':
      if (part.choice === 0) addLogprobs(state.output, part.logprobs);
      return '';
    case 'choice-end':
      if (part.choice === 0) state.finish = part.finish.reason;
      return part.choice === 0 ? closeMessage(state.output, isCut(state.finish) ? 'incomplete' : 'completed') : '';
    case 'response-end':
      state.usage = part.usage ?? state.usage;
      return end(state, part.serviceTier);
    case 'failure':
      return fail(state, part.error);
  }
}

function start(state: EncoderState): string {
  state.started = true;
  const response = writeResponse(state.frame, NOTHING_YET);
  return (
    event(state.output, 'response.created', `"response":${response}`) +
    event(state.output, 'response.in_progress', `"response":${response}`)
  );
}

/** This API has one answer. */
function startBlock(state: EncoderState, part: BlockStart): string {
  if (part.choice !== 0) return '';
  const { content } = part;
  if (content.type === 'refusal') state.refused = true;
  const opened = BLOCKS[content.type](state.output, content as never);
  if (opened.block) state.blocks.set(part.block, opened.block);
  return opened.text;
}

function endBlock({ blocks }: EncoderState, number: number, carrier: ReasoningCarrier | undefined): string {
  const block = blocks.get(number);
  if (!block) return '';
  blocks.delete(number);
  return block.end(carrier);
}

/** OpenAI's `{content: [...]}` of chat completions has the same entries. */
function addLogprobs(output: Output, logprobs: Json): void {
  const content =
    typeof logprobs === 'object' && logprobs !== null && !Array.isArray(logprobs) ? logprobs['content'] : null;
  if (Array.isArray(content)) output.logprobs.push(...content);
}

function isCut(finish: FinishReason): boolean {
  return finish === 'length' || finish === 'context-length' || finish === 'content-filter';
}

function standingOf(state: EncoderState): Pick<ResponseStanding, 'status' | 'incompleteReason'> {
  switch (state.finish) {
    case 'length':
    case 'context-length':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'content-filter':
      return { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'refusal':
      if (!state.refused) return { status: 'incomplete', incompleteReason: 'content_filter' };
      return { status: 'completed', incompleteReason: null };
    case 'pause':
      return { status: 'incomplete', incompleteReason: null };
    default:
      return { status: 'completed', incompleteReason: null };
  }
}

function end(state: EncoderState, serviceTier: string | null): string {
  const standing = standingOf(state);
  state.ended = true;
  state.response = writeResponse(state.frame, {
    ...standing,
    error: null,
    completedAt: standing.status === 'completed' ? state.client.nowSeconds : null,
    serviceTier,
    output: state.output.items,
    usage: JSON.stringify(encodeUsage(state.usage)),
  });
  return event(state.output, `response.${standing.status}`, `"response":${state.response}`);
}

function fail(state: EncoderState, error: GatewayError): string {
  state.ended = true;
  state.response = writeResponse(state.frame, {
    ...NOTHING_YET,
    status: 'failed',
    error: encodeResponseError(error),
    output: state.output.items.filter((item) => item !== undefined),
    usage: state.usage === null ? 'null' : JSON.stringify(encodeUsage(state.usage)),
  });
  return encodeFailure(error, state.response, state.output.sequence);
}
