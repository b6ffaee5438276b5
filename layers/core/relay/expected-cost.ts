import type { Price } from '../catalog/store.ts';
import { costMicros } from '../metering/price.ts';
import { NO_USAGE } from '../metering/store.ts';
import type { WarmPlace } from '../credentials/warm-places.ts';
import type { Candidate } from './candidates.ts';
import type { Plan } from './route.ts';

/** How long an answer usually becomes; only the proportion to the input matters, and that roughly. */
const USUAL_OUTPUT_TOKENS = 500;

export interface ExpectedRequest {
  /** Estimated. */
  inputTokens: number;
  maxOutputTokens: number | null;
  /** Where its prompt is kept, if that can be asked now. */
  warm: WarmPlace | null;
}

/**
 * What the request will probably cost by each route, in micro-dollars, counting what a prompt cache spares. Null where
 * routes do not differ in price, or a price is not known: then cost decides nothing.
 */
export function expectedCosts(
  { model }: Pick<Plan, 'model'>,
  { inputTokens, maxOutputTokens, warm }: ExpectedRequest,
): ((candidate: Pick<Candidate, 'upstream' | 'model' | 'price'>) => number) | null {
  if (!model.routes.some(({ price }) => price !== undefined)) return null;
  if (model.price === null && model.routes.some(({ price }) => price === undefined)) return null;
  const output = Math.min(maxOutputTokens ?? USUAL_OUTPUT_TOKENS, USUAL_OUTPUT_TOKENS);
  const known = new Map<string, number>();
  return (candidate) => {
    const isWarm = warm !== null && warm.upstream === candidate.upstream && warm.model === candidate.model;
    const route = `${candidate.upstream}\n${candidate.model}`;
    const before = known.get(route);
    if (before !== undefined) return before;
    const kept = isWarm ? Math.min(warm.tokens, inputTokens) : 0;
    const cost = costOf(candidate.price ?? model.price, { input: inputTokens - kept, cacheRead: kept, output });
    known.set(route, cost);
    return cost;
  };
}

function costOf(price: Price | null, parts: { input: number; cacheRead: number; output: number }): number {
  return costMicros({ ...NO_USAGE, ...parts }, price);
}
