import { microsToDollars } from '@sluice/contract/money';
import type { UsageSums } from '@sluice/core/metering/roll-up';
import type { UsageGroup } from '@sluice/core/metering/usage-totals';
import { inputTokens, outputTokens, totalTokens } from '@sluice/llm/formats/usage-figures';

/** Sums as every view of usage shows them. */
export function viewSums(sums: UsageSums) {
  return {
    requests: sums.requests,
    success_requests: sums.succeeded,
    failed_requests: sums.requests - sums.succeeded,
    input_tokens: inputTokens(sums.parts),
    output_tokens: outputTokens(sums.parts),
    cached_tokens: sums.parts.cacheRead,
    total_tokens: totalTokens(sums.parts),
    cost_micros: sums.costMicros,
    cost: microsToDollars(sums.costMicros),
    avg_duration_ms: sums.requests === 0 ? 0 : Math.round(sums.durationMs / sums.requests),
  };
}

const AMOUNTS = {
  requests: (sums: UsageSums) => sums.requests,
  cost: (sums: UsageSums) => sums.costMicros,
  tokens: (sums: UsageSums) => totalTokens(sums.parts),
} as const;

/** Of equals those with more requests come first, then by name. */
export function mostFirst(groups: readonly UsageGroup[], by: keyof typeof AMOUNTS): UsageGroup[] {
  const amountOf = AMOUNTS[by];
  return groups.toSorted(
    (left, right) =>
      amountOf(right.sums) - amountOf(left.sums) ||
      right.sums.requests - left.sums.requests ||
      (left.name < right.name ? -1 : 1),
  );
}
