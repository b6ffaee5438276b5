import { isJsonObject, type JsonObject } from '../../neutral/json.ts';
import { looseArray, looseCount, looseObject } from '../reading.ts';
import { NO_FIGURES, outputTokens, type UsageFigures } from '../usage-figures.ts';

/** What was reported so far: `message_start` tells the input, `message_delta` repeats or corrects it with running totals. */
export type UsageReport = JsonObject;

/** A later report replaces what it names, and nothing else: a total told twice counts once. */
export function mergeUsage(before: UsageReport | null, later: unknown): UsageReport | null {
  if (!isJsonObject(later)) return before;
  const merged: UsageReport = { ...before };
  for (const [name, value] of Object.entries(later)) {
    if (value !== null) merged[name] = value;
  }
  return merged;
}

/**
 * Anthropic's usage object as disjoint parts. `input_tokens` leaves out the cached ones, `output_tokens` holds the
 * thinking (https://docs.claude.com/en/api/messages#response-usage). Null when it names no tokens at all.
 */
export function decodeUsage(usage: unknown): UsageFigures | null {
  if (!isJsonObject(usage)) return null;
  if (looseCount(usage['input_tokens']) === null && looseCount(usage['output_tokens']) === null) return null;
  const figures = decodePass(usage);
  // A compaction is charged, and the totals leave it out:
  // https://docs.claude.com/en/docs/build-with-claude/compaction#understanding-usage
  for (const pass of looseArray(usage['iterations'])) {
    const report = looseObject(pass);
    if (report['type'] === 'compaction') addPass(figures, decodePass(report));
  }
  const servers = looseObject(usage['server_tool_use']);
  return { ...figures, webSearches: looseCount(servers['web_search_requests']) ?? 0 };
}

/** One run of the model over the conversation. */
function decodePass(usage: JsonObject): UsageFigures {
  const output = looseCount(usage['output_tokens']);

  const split = looseObject(usage['cache_creation']);
  const hour = looseCount(split['ephemeral_1h_input_tokens']) ?? 0;
  const minutes = looseCount(split['ephemeral_5m_input_tokens']) ?? 0;
  // Older servers name only the total: what the split leaves open was written for five minutes.
  const written = Math.max(hour + minutes, looseCount(usage['cache_creation_input_tokens']) ?? 0);
  const thinking = looseCount(looseObject(usage['output_tokens_details'])['thinking_tokens']) ?? 0;
  const reasoning = Math.min(thinking, output ?? 0);
  return {
    ...NO_FIGURES,
    input: looseCount(usage['input_tokens']) ?? 0,
    cacheRead: looseCount(usage['cache_read_input_tokens']) ?? 0,
    cacheWrite5m: written - hour,
    cacheWrite1h: hour,
    output: (output ?? 0) - reasoning,
    reasoning,
  };
}

function addPass(figures: UsageFigures, pass: UsageFigures): void {
  for (const part of ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output', 'reasoning'] as const) {
    figures[part] += pass[part];
  }
}

/** Zeros where nobody reported: SDKs add the members up without looking. */
export function encodeUsage(figures: UsageFigures | null, serviceTier: string | null = null): JsonObject {
  const usage = figures ?? NO_FIGURES;
  const { cacheRead, cacheWrite5m, cacheWrite1h, reasoning, webSearches } = usage;
  return {
    input_tokens: usage.input + usage.audioInput + usage.imageInput,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    output_tokens: outputTokens(usage),
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
    ...(webSearches > 0 && { server_tool_use: { web_search_requests: webSearches } }),
    ...(serviceTier !== null && { service_tier: serviceTier }),
  };
}
