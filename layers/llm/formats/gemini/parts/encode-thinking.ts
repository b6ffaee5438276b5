import type { JsonObject } from '../../../neutral/json.ts';
import type { Effort, ReasoningWish } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { budgetOf, effortOf, isOff } from '../../reasoning-wish.ts';

/**
 * Thinking by budget (Gemini 2.5) or by level (Gemini 3); null where nothing is asked for.
 * https://ai.google.dev/gemini-api/docs/thinking
 */
export function encodeThinking(wish: ReasoningWish | null, call: CallContext): JsonObject | null {
  if (wish === null) return null;
  if (call.features.reasoning === 'none') {
    if (!isOff(wish)) call.warn('dropped', 'reasoning');
    return null;
  }
  const amount = call.features.reasoning === 'level' ? levelOf(wish, call) : budgetWithin(wish, call);
  // Who asks for reasoning by Anthropic's switch expects to see it.
  const show = wish.show ?? (wish.enabled === true ? true : null);
  const thinking: JsonObject = { ...(show !== null && { includeThoughts: show }), ...amount };
  return Object.keys(thinking).length > 0 ? thinking : null;
}

/** What every model of the family takes. */
const LEAST_BUDGET = 512;
const MOST_BUDGET = 24_576;

function budgetWithin(wish: ReasoningWish, { warn }: CallContext): JsonObject {
  const budget = budgetOf(wish);
  if (budget === null) return {};
  if (budget <= 0) return { thinkingBudget: budget < 0 ? -1 : 0 };
  const thinkingBudget = Math.min(MOST_BUDGET, Math.max(LEAST_BUDGET, budget));
  if (thinkingBudget !== budget) warn('clamped', 'reasoning');
  return { thinkingBudget };
}

/** Thinking cannot be switched off by level, and not all models know `minimal`. */
const LEVELS: Record<Effort, 'LOW' | 'MEDIUM' | 'HIGH'> = {
  none: 'LOW',
  minimal: 'LOW',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

function levelOf(wish: ReasoningWish, { warn }: CallContext): JsonObject {
  const effort = effortOf(wish);
  if (effort === null) return {};
  const level = LEVELS[effort];
  if (level.toLowerCase() !== effort || wish.budgetTokens !== null) warn('approximated', 'reasoning');
  return { thinkingLevel: level };
}
