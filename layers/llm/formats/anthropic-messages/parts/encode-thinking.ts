import type { JsonObject } from '../../../neutral/json.ts';
import type { Effort, NeutralRequest, ReasoningWish } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { budgetOf, effortOf, isOff } from '../../reasoning-wish.ts';

export interface EncodedThinking {
  thinking: JsonObject | null;
  /** `output_config.effort`. */
  effort: string | null;
  maxTokens: number;
}

/** https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size */
const SMALLEST_BUDGET = 1_024;

/**
 * What the model may think and how long its whole answer may be: the second holds the first, so both are settled
 * together.
 * @param messages as they are sent
 */
export function encodeThinking(
  request: NeutralRequest,
  messages: readonly JsonObject[],
  call: CallContext,
): EncodedThinking {
  const maxTokens = maxTokensOf(request, call);
  const { reasoning } = request;
  if (reasoning === null) return { thinking: null, effort: null, maxTokens };
  switch (modeOf(request, reasoning, call)) {
    case 'budget':
    case 'level':
      return encodeBudget(request, reasoning, { messages, maxTokens, call });
    case 'adaptive':
      return { ...encodeAdaptive(request, reasoning, { messages, call }), maxTokens };
    case 'effort':
      return { thinking: null, effort: encodeEffort(effortOf(reasoning), call), maxTokens };
    default:
      if (!isOff(reasoning)) call.warn('dropped', 'reasoning');
      return { thinking: null, effort: null, maxTokens };
  }
}

/** A client of this format knows its model: it gets what it asked for, as it asked. */
function modeOf({ extras }: NeutralRequest, { budgetTokens }: ReasoningWish, { features }: CallContext): string {
  if (extras.format !== 'anthropic-messages' || budgetTokens === null) return features.reasoning;
  return budgetTokens < 0 ? 'adaptive' : 'budget';
}

function maxTokensOf({ maxOutputTokens }: NeutralRequest, { features, outputCap, warn }: CallContext): number {
  const wanted = maxOutputTokens ?? features.defaultMaxOutputTokens;
  const most = features.maxOutputTokens ?? wanted;
  if (maxOutputTokens !== null && wanted > most) warn('clamped', 'max_tokens');
  return Math.max(1, Math.min(wanted, most, outputCap ?? wanted));
}

interface Bounds {
  messages: readonly JsonObject[];
  maxTokens: number;
  call: CallContext;
}

function encodeBudget(
  request: NeutralRequest,
  wish: ReasoningWish,
  { messages, maxTokens, call }: Bounds,
): EncodedThinking {
  const budget = budgetOf(wish);
  if (budget === null) return { thinking: null, effort: null, maxTokens };
  const none: EncodedThinking = { thinking: { type: 'disabled' }, effort: null, maxTokens };
  if (budget === 0) return none;
  if (isForced(request) || isPrefilled(messages)) {
    call.warn('dropped', 'reasoning');
    return none;
  }
  if (continuesWithoutThinking(messages)) {
    call.warn('foreign-reasoning', 'reasoning');
    return none;
  }
  const wanted = budget < 0 ? Math.floor(maxTokens / 2) : budget;
  const room = roomFor(wanted, request, { maxTokens, call });
  const fitting = Math.min(Math.max(wanted, SMALLEST_BUDGET), room - 1);
  if (fitting < SMALLEST_BUDGET) {
    call.warn('clamped', 'reasoning');
    return none;
  }
  if (fitting !== budget && budget > 0) call.warn('clamped', 'reasoning');
  const thinking = { type: 'enabled', budget_tokens: fitting, ...encodeDisplay(wish) };
  // The two go together for those who say both.
  const effort = wish.budgetTokens === null ? null : encodeEffort(wish.effort, call);
  return { thinking, effort, maxTokens: room };
}

/** Where the client named no maximum, the answer gets its usual room beside the thinking. */
function roomFor(
  budget: number,
  { maxOutputTokens }: NeutralRequest,
  { maxTokens, call }: Omit<Bounds, 'messages'>,
): number {
  if (maxOutputTokens !== null) return maxTokens;
  const { features, outputCap } = call;
  const wanted = budget + features.defaultMaxOutputTokens;
  return Math.min(wanted, features.maxOutputTokens ?? wanted, outputCap ?? wanted);
}

function encodeAdaptive(
  request: NeutralRequest,
  wish: ReasoningWish,
  { messages, call }: Omit<Bounds, 'maxTokens'>,
): Omit<EncodedThinking, 'maxTokens'> {
  const effort = encodeEffort(effortOf(wish), call);
  if (isOff(wish)) return { thinking: { type: 'disabled' }, effort: null };
  if (isForced(request) || isPrefilled(messages)) {
    call.warn('dropped', 'reasoning');
    return { thinking: null, effort };
  }
  const isWanted = wish.enabled === true || effort !== null;
  return { thinking: isWanted ? { type: 'adaptive', ...encodeDisplay(wish) } : null, effort };
}

function encodeEffort(effort: Effort | null, call: CallContext): string | null {
  if (effort === null || effort === 'none') return null;
  if (effort !== 'minimal') return effort;
  call.warn('clamped', 'reasoning');
  return 'low';
}

function encodeDisplay({ show }: ReasoningWish): JsonObject {
  return show === null ? {} : { display: show ? 'summarized' : 'omitted' };
}

/** Thinking is refused together with a forced tool. */
function isForced({ toolChoice }: NeutralRequest): boolean {
  return (
    toolChoice?.type === 'required' ||
    toolChoice?.type === 'tool' ||
    (toolChoice?.type === 'allowed' && toolChoice.required)
  );
}

/** It is as well with an answer that the client has begun. */
function isPrefilled(messages: readonly JsonObject[]): boolean {
  return messages.at(-1)?.['role'] === 'assistant';
}

/**
 * The model is in the middle of a turn with tools whose thinking is not there: `Expected thinking, but found tool_use`.
 * Adaptive thinking does not mind.
 */
function continuesWithoutThinking(messages: readonly JsonObject[]): boolean {
  const before = messages.at(-2);
  if (before?.['role'] !== 'assistant' || !Array.isArray(before['content'])) return false;
  const blocks = before['content'] as JsonObject[];
  const first = blocks[0]?.['type'];
  return blocks.some(({ type }) => type === 'tool_use') && first !== 'thinking' && first !== 'redacted_thinking';
}
