import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type { NeutralRequest } from '../../../neutral/request.ts';
import { encodeThinking } from '../../anthropic-messages/parts/encode-thinking.ts';
import type { CallContext } from '../../codec.ts';
import { effortOf, isOff } from '../../reasoning-wish.ts';

export interface EncodedReasoning {
  /** Of `additionalModelRequestFields`: each family of models has its own. */
  fields: JsonObject;
  /** `outputConfig.effort`. */
  effort: string | null;
  maxTokens: number;
  thinks: boolean;
}

/**
 * Anthropic's models are asked in Anthropic's words, by budget or adaptively
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html), Amazon's by level
 * (https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html), OpenAI's by effort.
 */
export function encodeReasoning(
  request: NeutralRequest,
  messages: readonly JsonObject[],
  call: CallContext,
): EncodedReasoning {
  const { reasoning } = request;
  const kind = call.features.reasoning;
  if (kind === 'budget' || kind === 'adaptive') {
    const { thinking, effort, maxTokens } = encodeThinking(request, messages.map(anthropicShape), call);
    const thinks = thinking !== null && thinking['type'] !== 'disabled';
    return { fields: thinking ? { thinking } : {}, effort, maxTokens, thinks };
  }
  // Settles the length alone.
  const { maxTokens } = encodeThinking({ ...request, reasoning: null }, [], call);
  const none = { fields: {}, effort: null, maxTokens, thinks: false };
  if (reasoning === null) return none;
  const effort = effortOf(reasoning);
  if (kind === 'effort' && effort !== null && effort !== 'none') {
    return { ...none, fields: { reasoning_effort: within(effort, call) } };
  }
  if (kind === 'level' && effort !== null) {
    const config: JsonObject =
      effort === 'none' ? { type: 'disabled' } : { type: 'enabled', maxReasoningEffort: within(effort, call) };
    return { ...none, fields: { reasoningConfig: config } };
  }
  if ((kind === 'none' || kind === 'field') && !isOff(reasoning)) call.warn('dropped', 'reasoning');
  return none;
}

function within(effort: string, { warn }: CallContext): string {
  const known = effort === 'low' || effort === 'medium' || effort === 'high' || effort === 'none';
  if (known) return effort;
  warn('clamped', 'reasoning');
  return effort === 'minimal' ? 'low' : 'high';
}

/** Types of blocks as Anthropic names them, which is all that settling the budget looks at. */
function anthropicShape({ role, content }: JsonObject): JsonObject {
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [];
  return { role: role ?? null, content: blocks.map((block) => ({ type: typeOf(block) })) };
}

function typeOf(block: JsonObject): string {
  if ('toolUse' in block) return 'tool_use';
  return 'reasoningContent' in block ? 'thinking' : 'text';
}
