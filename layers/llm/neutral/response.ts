import type { UsageFigures } from '../formats/usage-figures.ts';
import type { Json } from './json.ts';
import type { AssistantPart } from './parts.ts';

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  /** The context window is full (Anthropic's `model_context_window_exceeded`). */
  | 'context-length'
  | 'tool-calls'
  /** The model declined. */
  | 'refusal'
  /** A filter of the vendor's cut the answer. */
  | 'content-filter'
  /** The vendor paused a long turn; sending the answer back goes on with it. */
  | 'pause';

export interface Finish {
  reason: FinishReason;
  /** The one that was met. */
  stopSequence: string | null;
}

export interface NeutralChoice {
  content: AssistantPart[];
  finish: Finish;
  /** OpenAI's `logprobs` object as it is. */
  logprobs?: Json | undefined;
}

/** A whole answer: what folding its stream gives. */
export interface NeutralResponse {
  /** The upstream's id; the client sees it where its format lets it. */
  id: string;
  /** The upstream's own word for the model that answered. */
  model: string;
  choices: NeutralChoice[];
  /** Null where the upstream reports none. */
  usage: UsageFigures | null;
  serviceTier: string | null;
}
