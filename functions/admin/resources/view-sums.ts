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
  };
}

export function mostRequestsFirst(groups: readonly UsageGroup[]): UsageGroup[] {
  return groups.toSorted(
    (left, right) => right.sums.requests - left.sums.requests || (left.name < right.name ? -1 : 1),
  );
}

export function dearestFirst(groups: readonly UsageGroup[]): UsageGroup[] {
  return mostRequestsFirst(groups).toSorted((left, right) => right.sums.costMicros - left.sums.costMicros);
}
