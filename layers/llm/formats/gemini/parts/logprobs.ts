import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import { looseArray, looseNumber, looseObject, looseString } from '../../reading.ts';

/** Gemini's `logprobsResult` as OpenAI's `logprobs`, and back: https://ai.google.dev/api/generate-content#LogprobsResult */
export function decodeLogprobs(result: JsonObject): JsonObject | null {
  const chosen = looseArray(result['chosenCandidates']);
  const top = looseArray(result['topCandidates']);
  if (chosen.length === 0) return null;
  const content = chosen.map((entry, index) => ({
    ...tokenOf(entry),
    top_logprobs: looseArray(looseObject(top[index])['candidates']).map(tokenOf),
  }));
  return { content, refusal: null };
}

function tokenOf(entry: Json): JsonObject {
  const { token, logProbability } = looseObject(entry);
  const text = looseString(token) ?? '';
  return { token: text, logprob: looseNumber(logProbability) ?? 0, bytes: [...Buffer.from(text)] };
}

/** Null where there is nothing of that shape. */
export function encodeLogprobs(logprobs: Json | undefined): JsonObject | null {
  const content = isJsonObject(logprobs) ? looseArray(logprobs['content']) : [];
  if (content.length === 0) return null;
  return {
    chosenCandidates: content.map(candidateOf),
    topCandidates: content.map((entry) => ({
      candidates: looseArray(looseObject(entry)['top_logprobs']).map(candidateOf),
    })),
  };
}

function candidateOf(entry: Json): JsonObject {
  const { token, logprob } = looseObject(entry);
  return { token: looseString(token) ?? '', logProbability: looseNumber(logprob) ?? 0 };
}
