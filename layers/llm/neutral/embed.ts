import type { UsageFigures } from '../formats/usage-figures.ts';
import type { JsonObject } from './json.ts';

/** One thing to be embedded. */
export interface EmbedInput {
  /** A text, or the ids of its tokens (OpenAI), which mean something to models of the same tokenizer only. */
  content: string | number[];
  /** Members that belong to this input alone: Gemini's `taskType` and `title`. */
  extras?: JsonObject | undefined;
}

export interface EmbedRequest {
  /** The public name that the client asked for. */
  model: string;
  /** At least one. */
  inputs: EmbedInput[];
  /** The client sent one input and no list, so that its answer has one vector and no list where the format knows both. */
  single: boolean;
  /** Numbers in each vector; null: the model's own. */
  dimensions: number | null;
  /** How the client reads vectors; `base64`: float32, little endian. */
  encoding: 'float' | 'base64';
  endUser: string | null;
  /** Members of the body that no other format knows, by name. */
  extras: { format: string; members: JsonObject };
}

/** Numbers, or the base64 text of little-endian float32; `vector.ts` turns one into the other. */
export type EmbedVector = number[] | string;

export interface EmbedResponse {
  /** The upstream's own word for the model that answered. */
  model: string;
  /** In the order of the inputs. */
  vectors: EmbedVector[];
  /** Null where the upstream reports none. */
  usage: UsageFigures | null;
}
