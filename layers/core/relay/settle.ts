import type { WireFormat } from '@sluice/llm/formats/wire-format';
import type { Price } from '../catalog/store.ts';
import { capEstimate, type EstimateCap } from '../metering/estimate-cap.ts';
import { costMicros } from '../metering/price.ts';
import { NO_USAGE, type UsageParts, type UsageSource } from '../metering/store.ts';
import { estimateTokens } from './admit.ts';
import type { Served } from './served.ts';

/** What a request used and cost, and how far the figures can be trusted. */
export interface Settlement {
  source: UsageSource;
  parts: UsageParts;
  costMicros: number;
}

/**
 * The figures of a request: the upstream's report where there is one, else a count of what was sent and delivered, no
 * higher than what is held.
 */
export async function settle(
  format: WireFormat,
  requestBody: Buffer,
  served: Served,
  { price, cap }: { price: Price | null; cap: EstimateCap },
): Promise<Settlement> {
  const { source, parts: counted } = await figures(format, requestBody, served);
  const parts = served.usage ? counted : capEstimate(counted, price, cap);
  return { source, parts, costMicros: costMicros(parts, price) };
}

async function figures(
  format: WireFormat,
  requestBody: Buffer,
  served: Served,
): Promise<{ source: UsageSource; parts: UsageParts }> {
  if (served.extent === 'nothing') return { source: 'void', parts: NO_USAGE };
  const isWhole = served.extent === 'complete' || served.usageIsFinal;
  if (served.usage) return { source: isWhole ? 'reported' : 'partial', parts: served.usage };
  const delivered = served.delivered?.() ?? { output: '', reasoning: '' };
  return {
    source: served.extent === 'complete' ? 'estimated' : 'partial',
    parts: {
      ...NO_USAGE,
      input: await countOr(format.countRequest(requestBody), requestBody.length),
      output:
        (await countOr(format.countText(delivered.output), Buffer.byteLength(delivered.output))) +
        estimateTokens(delivered.unkeptBytes ?? 0),
      reasoning: await countOr(format.countText(delivered.reasoning), Buffer.byteLength(delivered.reasoning)),
    },
  };
}

/** A tokenizer that fails must not keep a request from being settled. */
function countOr(counting: Promise<number>, bytes: number): Promise<number> {
  return counting.catch(() => estimateTokens(bytes));
}
