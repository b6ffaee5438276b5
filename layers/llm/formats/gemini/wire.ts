/**
 * Gemini's generateContent family, as loosely as vendors write it: every member may be missing.
 * https://ai.google.dev/api/generate-content, https://ai.google.dev/api/caching#Content
 */
import type { Json, JsonObject } from '../../neutral/json.ts';

export interface ChunkWire {
  candidates?: CandidateWire[] | null;
  promptFeedback?: { blockReason?: string | null } | null;
  usageMetadata?: JsonObject | null;
  modelVersion?: string | null;
  responseId?: string | null;
  error?: Json;
}

export interface CandidateWire {
  index?: number | null;
  content?: { parts?: PartWire[] | null; role?: string | null } | null;
  finishReason?: string | null;
  groundingMetadata?: JsonObject | null;
  citationMetadata?: JsonObject | null;
  logprobsResult?: JsonObject | null;
}

export interface PartWire {
  text?: string | null;
  thought?: boolean | null;
  thoughtSignature?: string | null;
  functionCall?: FunctionCallWire | null;
  inlineData?: { mimeType?: string | null; data?: string | null } | null;
  fileData?: { mimeType?: string | null; fileUri?: string | null } | null;
  [member: string]: unknown;
}

export interface FunctionCallWire {
  id?: string | null;
  name?: string | null;
  args?: Json;
  partialArgs?: PartialArgWire[] | null;
  willContinue?: boolean | null;
}

/** A piece of streamed arguments (Vertex AI): a JSON path and a value, which a string brings bit by bit. */
export interface PartialArgWire {
  jsonPath?: string | null;
  stringValue?: string | null;
  numberValue?: number | null;
  boolValue?: boolean | null;
  nullValue?: string | null;
  willContinue?: boolean | null;
}

/**
 * Stands for a signature where a call has none of this origin: models that demand one take it as it is.
 * https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
 */
export const NO_SIGNATURE = 'skip_thought_signature_validator';
