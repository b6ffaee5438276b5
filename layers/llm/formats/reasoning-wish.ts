import type { Effort, ReasoningWish } from '../neutral/request.ts';

/** Tokens that an effort amounts to where a vendor asks for a budget; each falls back to its effort. */
const BUDGETS: Record<Exclude<Effort, 'none'>, number> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 63_999,
};

/** The budget that a wish amounts to; −1 for as much as the model likes, 0 for none, null when it does not say. */
export function budgetOf(wish: ReasoningWish): number | null {
  if (isOff(wish)) return 0;
  if (wish.budgetTokens !== null) return wish.budgetTokens;
  if (wish.effort !== null && wish.effort !== 'none') return BUDGETS[wish.effort];
  return wish.enabled === true ? -1 : null;
}

/**
 * The effort that a wish amounts to; null when it leaves that to the model. A budget never becomes `minimal`, `xhigh` or
 * `max`, which many models do not know.
 */
export function effortOf(wish: ReasoningWish): Effort | null {
  if (isOff(wish)) return 'none';
  if (wish.effort !== null) return wish.effort;
  if (wish.budgetTokens === null || wish.budgetTokens < 0) return null;
  if (wish.budgetTokens <= 4_096) return 'low';
  return wish.budgetTokens <= 12_288 ? 'medium' : 'high';
}

export function isOff(wish: ReasoningWish): boolean {
  return wish.enabled === false || wish.effort === 'none' || wish.budgetTokens === 0;
}
