import type { JsonObject } from '../../neutral/json.ts';
import { looseArray, looseCount, looseObject } from '../reading.ts';
import { inputTokens, NO_FIGURES, type UsageFigures } from '../usage-figures.ts';

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
  const inside = containsThoughts({ prompt: prompt ?? 0, ofTools, candidates: candidates ?? 0, thoughts, total });
  const fresh = Math.max(0, (prompt ?? 0) + ofTools - cached);
  const audioInput = Math.min(fresh, freshOf('AUDIO', usage));
  const imageInput = Math.min(fresh - audioInput, freshOf('IMAGE', usage));
  const answered = Math.max(0, (candidates ?? 0) - (inside ? thoughts : 0));
  const audioOutput = Math.min(answered, tokensOf('AUDIO', usage['candidatesTokensDetails']));
  const imageOutput = Math.min(answered - audioOutput, tokensOf('IMAGE', usage['candidatesTokensDetails']));
  return {
    ...NO_FIGURES,
    input: fresh - audioInput - imageInput,
    cacheRead: cached,
    output: answered - audioOutput - imageOutput,
    reasoning: thoughts,
    audioInput,
    audioOutput,
    imageInput,
    imageOutput,
  };
}

type Modality = 'AUDIO' | 'IMAGE';

/** Of prompt and tools, without what the cache held. Video and documents are read at the price of text. */
function freshOf(modality: Modality, usage: JsonObject): number {
  const prompt = tokensOf(modality, usage['promptTokensDetails']) - tokensOf(modality, usage['cacheTokensDetails']);
  return Math.max(0, prompt) + tokensOf(modality, usage['toolUsePromptTokensDetails']);
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

function tokensOf(wanted: Modality, details: unknown): number {
  let tokens = 0;
  for (const detail of looseArray(details)) {
    const { modality, tokenCount } = looseObject(detail);
    if (modality === wanted) tokens += looseCount(tokenCount) ?? 0;
  }
  return tokens;
}

/** Zeros in shape where nobody reported: SDKs add the numbers up. */
export function encodeUsage(usage: UsageFigures | null): JsonObject {
  if (usage === null) return { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 };
  const { cacheRead, output, reasoning, audioInput, audioOutput, imageInput, imageOutput } = usage;
  const prompt = inputTokens(usage);
  const candidates = output + audioOutput + imageOutput;
  const heard = modalities(audioInput, imageInput);
  const made = modalities(audioOutput, imageOutput);
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + candidates + reasoning,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    ...(heard.length > 0 && { promptTokensDetails: heard }),
    ...(made.length > 0 && { candidatesTokensDetails: made }),
  };
}

function modalities(audio: number, image: number): JsonObject[] {
  return [
    { modality: 'AUDIO', tokenCount: audio },
    { modality: 'IMAGE', tokenCount: image },
  ].filter(({ tokenCount }) => tokenCount > 0);
}
