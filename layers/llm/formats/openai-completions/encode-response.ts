import type { JsonObject } from '../../neutral/json.ts';
import type { FinishReason, NeutralChoice, NeutralResponse } from '../../neutral/response.ts';
import type { StreamPart } from '../../neutral/stream.ts';
import type { ClientContext, StreamEncoder } from '../codec.ts';
import { encodeStreamError } from '../openai-chat/errors.ts';
import { encodeUsage } from '../openai-chat/usage.ts';
import type { UsageFigures } from '../usage-figures.ts';

/** https://platform.openai.com/docs/api-reference/completions/object */
export function encodeResponse({ choices, usage }: NeutralResponse, client: ClientContext): JsonObject {
  return {
    ...headOf(client),
    choices: choices.map((choice, index) => ({
      text: textOf(choice),
      index,
      logprobs: null,
      finish_reason: FINISHES[choice.finish.reason],
    })),
    usage: encodeUsage(usage),
  };
}

function headOf({ requestId, nowSeconds, model }: ClientContext): JsonObject {
  return { id: `cmpl-${requestId}`, object: 'text_completion', created: nowSeconds, model };
}

function textOf({ content }: NeutralChoice): string {
  return content.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
}

const FINISHES: Readonly<Record<FinishReason, 'stop' | 'length' | 'content_filter'>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'stop',
  refusal: 'content_filter',
  'content-filter': 'content_filter',
  pause: 'stop',
};

interface EncoderState {
  client: ClientContext;
  /** A chunk up to its choices. */
  head: string;
  /** What stands behind them. */
  tail: string;
  /** Block → choice, of blocks whose text is the answer. */
  blocks: Map<number, number>;
  usage: UsageFigures | null;
}

export function createStreamEncoder(client: ClientContext): StreamEncoder {
  const state: EncoderState = {
    client,
    head: `data: ${JSON.stringify(headOf(client)).slice(0, -1)},"choices":[`,
    tail: client.wantsStreamUsage ? '],"usage":null}\n\n' : ']}\n\n',
    blocks: new Map(),
    usage: null,
  };
  return { push: (part) => encode(state, part) };
}

function encode(state: EncoderState, part: StreamPart): string {
  switch (part.type) {
    case 'block-start':
      if (part.content.type === 'text' || part.content.type === 'refusal') state.blocks.set(part.block, part.choice);
      return '';
    case 'text-delta':
    case 'refusal-delta': {
      const choice = state.blocks.get(part.block);
      return choice === undefined ? '' : chunk(state, { choice, text: part.text, finish: null });
    }
    case 'block-end':
      state.blocks.delete(part.block);
      return '';
    case 'response-start':
    case 'usage':
      state.usage = part.usage ?? state.usage;
      return '';
    case 'choice-end':
      return chunk(state, { choice: part.choice, text: '', finish: FINISHES[part.finish.reason] });
    case 'response-end':
      state.usage = part.usage ?? state.usage;
      return `${usageChunk(state)}data: [DONE]\n\n`;
    case 'failure':
      return encodeStreamError(part.error).toString();
    default:
      return '';
  }
}

function chunk(
  { head, tail }: EncoderState,
  { choice, text, finish }: { choice: number; text: string; finish: string | null },
): string {
  const json = JSON.stringify(text);
  return `${head}{"text":${json},"index":${choice},"logprobs":null,"finish_reason":${finish && `"${finish}"`}}${tail}`;
}

function usageChunk({ head, client, usage }: EncoderState): string {
  return client.wantsStreamUsage ? `${head}],"usage":${JSON.stringify(encodeUsage(usage))}}\n\n` : '';
}
