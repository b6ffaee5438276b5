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
  if (served.usage && isWhole) return { source: 'reported', parts: served.usage };
  const delivered = await countDelivered(format, served);
  if (served.usage) return { source: 'partial', parts: atLeast(served.usage, delivered) };
  const input = await countOr(format.countRequest(requestBody), requestBody.length);
  return {
    source: served.extent === 'complete' ? 'estimated' : 'partial',
    parts: { ...NO_USAGE, input, ...delivered },
  };
}

type Delivered = Pick<UsageParts, 'output' | 'reasoning'>;

async function countDelivered(format: WireFormat, served: Served): Promise<Delivered> {
  const { output, reasoning, unkeptBytes = 0 } = served.delivered?.() ?? { output: '', reasoning: '' };
  const counted = await countOr(format.countText(output), Buffer.byteLength(output));
  return {
    output: counted + estimateTokens(unkeptBytes),
    reasoning: await countOr(format.countText(reasoning), Buffer.byteLength(reasoning)),
  };
}

/** A report from the middle of an answer, or from its start as Anthropic gives one, is older than what was delivered since. */
function atLeast(usage: UsageParts, { output, reasoning }: Delivered): UsageParts {
  const missing = Math.max(0, output + reasoning - usage.output - usage.reasoning);
  return { ...usage, output: usage.output + missing };
}

/** A tokenizer that fails must not keep a request from being settled. */
function countOr(counting: Promise<number>, bytes: number): Promise<number> {
  return counting.catch(() => estimateTokens(bytes));
}
