import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PathFacts } from '@sluice/llm/formats/path-facts';

/** Methods behind the colon of `models/{model}:{method}`: https://ai.google.dev/api/all-methods */
const METHODS = [
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'embedContent',
  'batchEmbedContents',
] as const;

export type GeminiMethod = (typeof METHODS)[number];

/**
 * What stands behind `/models/` in Gemini's paths.
 * @throws GatewayError `not_found`
 */
export function readGeminiPath(rest: string, query: string): { method: GeminiMethod; facts: PathFacts } {
  const colon = rest.lastIndexOf(':');
  const method = METHODS.find((name) => name === rest.slice(colon + 1));
  if (colon < 1 || method === undefined) {
    throw new GatewayError('not_found', { message: `Unknown method: models/${rest}.` });
  }
  const stream = method === 'streamGenerateContent';
  const jsonArray = stream && new URLSearchParams(query).get('alt') !== 'sse';
  return { method, facts: { model: rest.slice(0, colon), stream, jsonArray } };
}
