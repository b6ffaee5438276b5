import type { JsonObject } from '../../neutral/json.ts';
import type { NeutralChoice, NeutralResponse } from '../../neutral/response.ts';
import type { ClientContext } from '../codec.ts';
import { encodeCitations, type CitedText } from './parts/encode-citations.ts';
import { encodeParts } from './parts/encode-parts.ts';
import { writeFinish } from './parts/finish.ts';
import { encodeLogprobs } from './parts/logprobs.ts';
import { encodeUsage } from './usage.ts';

/** A GenerateContentResponse: https://ai.google.dev/api/generate-content#generatecontentresponse */
export function encodeResponse(response: NeutralResponse, client: ClientContext): JsonObject {
  return {
    candidates: response.choices.map((choice, index) => encodeCandidate(choice, index, client)),
    usageMetadata: encodeUsage(response.usage),
    modelVersion: client.model,
    responseId: response.id || client.requestId,
  };
}

function encodeCandidate(choice: NeutralChoice, index: number, client: ClientContext): JsonObject {
  const parts: JsonObject[] = [];
  const cited: CitedText[] = [];
  for (const part of choice.content) {
    if (part.type === 'text' && part.citations) {
      cited.push({ text: part.text, citations: part.citations, before: 0, partIndex: parts.length });
    }
    parts.push(...encodeParts(part, client));
  }
  const logprobs = encodeLogprobs(choice.logprobs);
  return {
    // SDKs keep no answer in their history that has no part.
    content: { parts: parts.length > 0 ? parts : [{ text: '' }], role: 'model' },
    finishReason: writeFinish(choice.finish.reason),
    index,
    ...encodeCitations(cited),
    ...(logprobs && { logprobsResult: logprobs }),
  };
}
