import type { JsonObject } from '../../neutral/json.ts';
import { looseArray, looseCount, looseObject } from '../reading.ts';
import type { UsageFigures } from '../usage-figures.ts';

/**
 * Gemini's report as disjoint parts: `promptTokenCount` contains what the cache held, thoughts stand beside the
 * candidates, results of Google's own tools beside the prompt (https://ai.google.dev/api/generate-content#UsageMetadata).
 * Null when it names no tokens at all.
 */
export function decodeUsage(report: unknown): UsageFigures | null {
  const usage = looseObject(report);
  const prompt = looseCount(usage['promptTokenCount']);
  const candidates = looseCount(usage['candidatesTokenCount']);
  const thoughts = looseCount(usage['thoughtsTokenCount']) ?? 0;
  const total = looseCount(usage['totalTokenCount']);
  if (prompt === null && candidates === null && thoughts === 0) return null;

  const cached = looseCount(usage['cachedContentTokenCount']) ?? 0;
  const ofTools = looseCount(usage['toolUsePromptTokenCount']) ?? 0;
  const cachedAudio = audioIn(usage['cacheTokensDetails']);
  const promptAudio = Math.max(0, audioIn(usage['promptTokensDetails']) - cachedAudio);
  const toolAudio = audioIn(usage['toolUsePromptTokensDetails']);
  const answerAudio = audioIn(usage['candidatesTokensDetails']);
  const inside = containsThoughts({ prompt: prompt ?? 0, ofTools, candidates: candidates ?? 0, thoughts, total });

  return {
    input: Math.max(0, (prompt ?? 0) + ofTools - cached - promptAudio - toolAudio),
    cacheRead: cached,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: Math.max(0, (candidates ?? 0) - answerAudio - (inside ? thoughts : 0)),
    reasoning: thoughts,
    images: 0,
    audio: promptAudio + toolAudio + answerAudio,
  };
}

/** Some servers that speak this format count thoughts among the candidates; the total tells. */
function containsThoughts(counts: {
  prompt: number;
  ofTools: number;
  candidates: number;
  thoughts: number;
  total: number | null;
}): boolean {
  const { prompt, ofTools, candidates, thoughts, total } = counts;
  return thoughts > 0 && candidates >= thoughts && total === prompt + ofTools + candidates;
}

function audioIn(details: unknown): number {
  let tokens = 0;
  for (const detail of looseArray(details)) {
    const { modality, tokenCount } = looseObject(detail);
    if (modality === 'AUDIO') tokens += looseCount(tokenCount) ?? 0;
  }
  return tokens;
}

/** Zeros in shape where nobody reported: SDKs add the numbers up. */
export function encodeUsage(usage: UsageFigures | null): JsonObject {
  if (usage === null) return { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 };
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, audio } = usage;
  const prompt = input + cacheRead + cacheWrite5m + cacheWrite1h + audio;
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: output,
    totalTokenCount: prompt + output + reasoning,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    ...(audio > 0 && { promptTokensDetails: [{ modality: 'AUDIO', tokenCount: audio }] }),
  };
}
