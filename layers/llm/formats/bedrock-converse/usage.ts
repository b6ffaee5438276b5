import { isJsonObject } from '../../neutral/json.ts';
import { looseArray, looseCount, looseObject } from '../reading.ts';
import { NO_FIGURES, type UsageFigures } from '../usage-figures.ts';

/**
 * Converse's report as disjoint parts: `inputTokens` leaves out what the cache held or took
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html). Null when it names no tokens.
 */
export function decodeUsage(usage: unknown): UsageFigures | null {
  if (!isJsonObject(usage)) return null;
  const input = looseCount(usage['inputTokens']);
  const output = looseCount(usage['outputTokens']);
  if (input === null && output === null) return null;
  const written = looseCount(usage['cacheWriteInputTokens']) ?? 0;
  const hour = Math.min(written, writtenForAnHour(usage['cacheDetails']));
  return {
    ...NO_FIGURES,
    input: input ?? 0,
    cacheRead: looseCount(usage['cacheReadInputTokens']) ?? 0,
    cacheWrite5m: written - hour,
    cacheWrite1h: hour,
    output: output ?? 0,
  };
}

function writtenForAnHour(details: unknown): number {
  let tokens = 0;
  for (const detail of looseArray(details)) {
    const { ttl, inputTokens } = looseObject(detail);
    if (ttl === '1h') tokens += looseCount(inputTokens) ?? 0;
  }
  return tokens;
}
