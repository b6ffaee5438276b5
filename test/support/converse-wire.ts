import type { JsonObject } from '@sluice/llm/neutral/json';
import type { AssistantPart } from '@sluice/llm/neutral/parts';
import type { FinishReason, NeutralResponse } from '@sluice/llm/neutral/response';
import type { BlockContent, StreamPart } from '@sluice/llm/neutral/stream';
import type { UsageFigures } from '@sluice/llm/formats/usage-figures';

/**
 * What Bedrock's Converse says, for tests: no client of ours speaks it, so there is no encoder of it to borrow.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and …_ConverseStream.html
 */
export function encodeConverse({ choices, usage, serviceTier }: NeutralResponse): JsonObject {
  const [choice] = choices;
  return {
    output: { message: { role: 'assistant', content: (choice?.content ?? []).flatMap(blockOf) } },
    stopReason: STOPS[choice?.finish.reason ?? 'stop'],
    ...(usage && { usage: usageOf(usage) }),
    ...(serviceTier !== null && { serviceTier: { type: serviceTier } }),
  };
}

const STOPS: Record<FinishReason, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  'content-filter': 'content_filtered',
  pause: 'pause_turn',
};

function blockOf(part: AssistantPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ text: part.text }];
    case 'tool-call':
      return [{ toolUse: { toolUseId: part.id, name: part.name, input: JSON.parse(part.arguments) as JsonObject } }];
    case 'reasoning':
      if (part.carrier?.kind === 'redacted') return [{ reasoningContent: { redactedContent: part.carrier.data } }];
      return [
        {
          reasoningContent: {
            reasoningText: { text: part.text, ...(part.carrier && { signature: part.carrier.data }) },
          },
        },
      ];
    default:
      return [];
  }
}

/** Reasoning has no figure of its own there. */
function usageOf(usage: UsageFigures): JsonObject {
  const written = usage.cacheWrite5m + usage.cacheWrite1h;
  const outputTokens = usage.output + usage.reasoning;
  return {
    inputTokens: usage.input,
    outputTokens,
    totalTokens: usage.input + usage.cacheRead + written + outputTokens,
    cacheReadInputTokens: usage.cacheRead,
    cacheWriteInputTokens: written,
    ...(usage.cacheWrite1h > 0 && { cacheDetails: [{ ttl: '1h', inputTokens: usage.cacheWrite1h }] }),
  };
}

/** The stream's frames as the events that our framer makes of them. */
export function createConverseWire(): (part: StreamPart) => string[] {
  const kinds = new Map<number, BlockContent['type']>();
  let stop: string = STOPS.stop;
  return (part) => {
    switch (part.type) {
      case 'response-start':
        return [frame('messageStart', { role: 'assistant' })];
      case 'block-start': {
        const { block, content } = part;
        kinds.set(block, content.type);
        if (content.type !== 'tool-call') return [];
        const start = { toolUse: { toolUseId: content.id, name: content.name } };
        return [frame('contentBlockStart', { contentBlockIndex: block, start })];
      }
      case 'text-delta':
        return [delta(part.block, { text: part.text })];
      case 'reasoning-delta':
        return [delta(part.block, { reasoningContent: { text: part.text } })];
      case 'arguments-delta':
        return [delta(part.block, { toolUse: { input: part.text } })];
      case 'block-end':
        return [
          ...(part.carrier
            ? [delta(part.block, { reasoningContent: { [memberOf(part.carrier)]: part.carrier.data } })]
            : []),
          frame('contentBlockStop', { contentBlockIndex: part.block }),
        ];
      case 'choice-end':
        stop = STOPS[part.finish.reason];
        return [];
      case 'response-end':
        return [
          frame('messageStop', { stopReason: stop }),
          frame('metadata', {
            ...(part.usage && { usage: usageOf(part.usage) }),
            ...(part.serviceTier !== null && { serviceTier: { type: part.serviceTier } }),
          }),
        ];
      default:
        return [];
    }
  };
}

function memberOf({ kind }: { kind: string }): string {
  return kind === 'redacted' ? 'redactedContent' : 'signature';
}

function delta(contentBlockIndex: number, value: JsonObject): string {
  return frame('contentBlockDelta', { contentBlockIndex, delta: value });
}

function frame(event: string, data: JsonObject): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
