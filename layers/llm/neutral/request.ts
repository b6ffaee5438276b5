import type { JsonObject } from './json.ts';
import type { AssistantPart, CacheMark, TextPart, UserPart } from './parts.ts';

/** Instructions keep their place: `system` messages may stand anywhere, the leading ones are the system prompt. */
export interface SystemMessage {
  role: 'system';
  /** As the client named it; the target's model decides what it is called there. */
  as: 'system' | 'developer';
  content: TextPart[];
}

/** Tool results stand here, before or between other parts, in the client's order. */
export interface UserMessage {
  role: 'user';
  content: UserPart[];
  name?: string | undefined;
}

export interface AssistantMessage {
  role: 'assistant';
  content: AssistantPart[];
  name?: string | undefined;
}

export type NeutralMessage = SystemMessage | UserMessage | AssistantMessage;

export interface FunctionTool {
  type: 'function';
  name: string;
  description: string | null;
  /** JSON Schema as the client wrote it; null for a function without parameters. */
  parameters: JsonObject | null;
  strict: boolean | null;
  cache?: CacheMark | undefined;
}

/** OpenAI's custom tool: free text, or text of a grammar. */
export interface CustomTool {
  type: 'custom';
  name: string;
  description: string | null;
  /** The wire's `format` member. */
  grammar: JsonObject | null;
}

/** Search, fetch and code execution that the vendor runs itself; named alike in all formats. */
export interface HostedTool {
  type: 'hosted';
  kind: 'web-search' | 'web-fetch' | 'code-execution';
  /** As the client declared it, for its own format. */
  native: { format: string; value: JsonObject };
}

/** Anything else: kept for its own format, left out elsewhere with a warning. */
export interface VendorTool {
  type: 'vendor';
  format: string;
  value: JsonObject;
}

export type NeutralTool = FunctionTool | CustomTool | HostedTool | VendorTool;

export type ToolChoice =
  | { type: 'auto' }
  | { type: 'none' }
  | { type: 'required' }
  /** One tool by name. */
  | { type: 'tool'; name: string }
  /** Only these; `required`: one of them must be called. */
  | { type: 'allowed'; names: string[]; required: boolean };

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** Absent altogether (null on the request) is not the same as disabled. */
export interface ReasoningWish {
  /** False: the client switched reasoning off. Null: it said only how or how much. */
  enabled: boolean | null;
  effort: Effort | null;
  /** −1: as much as the model likes (Gemini's dynamic budget, Anthropic's adaptive). */
  budgetTokens: number | null;
  /** Show what was thought: Gemini's `includeThoughts`, OpenAI's `summary`, Anthropic's `display`. Null: not said. */
  show: boolean | null;
  /** OpenAI's `auto | concise | detailed`. */
  summary: string | null;
}

export type OutputFormat =
  | { type: 'text' }
  | { type: 'json' }
  | {
      type: 'json-schema';
      name: string | null;
      description: string | null;
      schema: JsonObject | null;
      strict: boolean | null;
    };

export interface Sampling {
  temperature: number | null;
  topP: number | null;
  topK: number | null;
  frequencyPenalty: number | null;
  presencePenalty: number | null;
  seed: number | null;
  stop: string[];
  /** OpenAI's map of token id to bias. */
  logitBias: JsonObject | null;
  logprobs: boolean | null;
  topLogprobs: number | null;
}

export interface NeutralRequest {
  /** The public name that the client asked for. */
  model: string;
  messages: NeutralMessage[];
  tools: NeutralTool[];
  toolChoice: ToolChoice | null;
  parallelToolCalls: boolean | null;
  maxOutputTokens: number | null;
  sampling: Sampling;
  reasoning: ReasoningWish | null;
  output: OutputFormat | null;
  /** Answers asked for; 1 where the client does not say. */
  choices: number;
  stream: boolean;
  /** The client asked for a usage report in its stream; formats that always send one say true. */
  wantsStreamUsage: boolean;
  /** `user`, `metadata.user_id`, `safety_identifier`. */
  endUser: string | null;
  /** `metadata` maps of strings (OpenAI). */
  metadata: Record<string, string> | null;
  serviceTier: string | null;
  /** OpenAI's `prompt_cache_key`. */
  cacheKey: string | null;
  /** `text`, `audio`, `image` that the answer may hold; null: not said. */
  modalities: string[] | null;
  /** `{voice, format}` of OpenAI, for audio answers. */
  audioOutput: JsonObject | null;
  /** `low | medium | high`; OpenAI's verbosity. */
  verbosity: string | null;
  /**
   * Members of the body that no other format knows, by name: sent back to the same format as they are; elsewhere each
   * is left out with the warning that `formats/policy.ts` names for it, or refused.
   */
  extras: { format: string; members: JsonObject };
}
