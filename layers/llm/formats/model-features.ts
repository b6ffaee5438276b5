import type { UpstreamFormatName } from './format-name.ts';

/**
 * What an upstream's model can do, as columns of its route in the catalog (`routes[].features`); never guessed from
 * names. What a row leaves open has the format's default (`featuresOf`).
 */
export interface ModelFeatures {
  /**
   * How reasoning is asked for: `effort` (OpenAI), `budget` (Anthropic's enabled + budget_tokens, Gemini's
   * thinkingBudget), `adaptive` (Anthropic's adaptive + effort), `level` (Gemini's thinkingLevel), `field`: the answer
   * and the request carry `reasoning_content` (compatible servers), `none`: not at all.
   */
  reasoning: 'effort' | 'budget' | 'adaptive' | 'level' | 'field' | 'none';
  /** Takes temperature, top_p and the like. */
  sampling: boolean;
  /** A last message of the assistant is continued. */
  prefill: boolean;
  /** Takes a JSON schema for its answer; else a schema is asked for with a forced tool or in words. */
  structuredOutput: boolean;
  /** The role that instructions have in OpenAI's formats. */
  systemRole: 'system' | 'developer';
  /** The field by which an answer's length is bounded in openai-chat. */
  outputCapField: 'max_tokens' | 'max_completion_tokens';
  /** Whose tokenizer counts exactly what the model reads; null = none that we have. */
  tokenizer: 'o200k' | null;
  /** Media that the model reads. */
  images: boolean;
  documents: boolean;
  audio: boolean;
  /** Used where a format demands a maximum and the client names none. */
  defaultMaxOutputTokens: number;
  /** The largest that may be asked for; null = unknown. */
  maxOutputTokens: number | null;
}

/** What a route leaves open is what the format's current models do. */
export function featuresOf(
  known: Partial<ModelFeatures> | undefined,
  { format, vendor, maxOutputTokens }: { format: UpstreamFormatName; vendor: string; maxOutputTokens: number | null },
): ModelFeatures {
  return {
    ...DEFAULTS[format],
    outputCapField: capFieldOf(vendor),
    tokenizer: vendor === 'openai' || vendor === 'azure-openai' ? 'o200k' : null,
    maxOutputTokens,
    ...known,
  };
}

/** OpenAI's newer models refuse `max_tokens`; those who copied its API before know nothing else. */
function capFieldOf(vendor: string): ModelFeatures['outputCapField'] {
  return vendor === 'openai-compatible' ? 'max_tokens' : 'max_completion_tokens';
}

type Default = Omit<ModelFeatures, 'outputCapField' | 'tokenizer' | 'maxOutputTokens'>;

const COMMON: Default = {
  reasoning: 'effort',
  sampling: true,
  prefill: false,
  structuredOutput: true,
  systemRole: 'system',
  images: true,
  documents: true,
  audio: false,
  defaultMaxOutputTokens: 8_192,
};

const DEFAULTS: Record<UpstreamFormatName, Default> = {
  'openai-images': COMMON,
  'openai-chat': { ...COMMON, audio: true },
  'openai-responses': { ...COMMON, systemRole: 'developer' },
  'anthropic-messages': { ...COMMON, reasoning: 'budget', prefill: true },
  gemini: { ...COMMON, reasoning: 'budget', audio: true },
  'bedrock-converse': { ...COMMON, reasoning: 'budget', structuredOutput: false },
};
