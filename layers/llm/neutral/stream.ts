import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UsageFigures } from '../formats/usage-figures.ts';
import type { Json } from './json.ts';
import type { Citation, ReasoningCarrier } from './parts.ts';
import type { AssistantPart } from './parts.ts';
import type { Finish } from './response.ts';

/**
 * The stream of an answer. Grammar, which decoders keep and encoders rely on (`createGrammar` checks it in tests):
 *
 *     response-start (block-start (delta | citation)* block-end | usage | choice-end)* (response-end | failure)
 *
 * - Exactly one `response-start`, first; exactly one `response-end` or `failure`, last.
 * - Blocks are numbered from 0 without gaps over all choices, in the order of their starts. Several may be open at a
 *   time (parallel tool calls that a vendor interleaves); `createBlockQueue` puts them one after the other for formats
 *   that know only one open block.
 * - A block's deltas come between its start and its end and are of its kind. No empty delta, no block of no content
 *   except reasoning with a carrier, a tool call without arguments and a whole part.
 * - `choice-end` comes once for each choice, after all of its blocks have ended.
 * - `usage` may come several times; each replaces the one before. `response-end` carries the last.
 */
export type StreamPart =
  | ResponseStart
  | BlockStart
  | { type: 'text-delta'; block: number; text: string }
  | { type: 'reasoning-delta'; block: number; text: string }
  | { type: 'refusal-delta'; block: number; text: string }
  /** A piece of the arguments' JSON text (or of a custom tool's input). */
  | { type: 'arguments-delta'; block: number; text: string }
  | { type: 'audio-delta'; block: number; data: string; transcript: string }
  /** Of the open text block. */
  | { type: 'citation'; block: number; citation: Citation }
  /** `carrier` of the block that ends: a signature mostly comes last (of a tool call: see `BlockContent`). */
  | { type: 'block-end'; block: number; carrier?: ReasoningCarrier | undefined }
  | { type: 'logprobs'; choice: number; logprobs: Json }
  | { type: 'usage'; usage: UsageFigures }
  | { type: 'choice-end'; choice: number; finish: Finish }
  | { type: 'response-end'; usage: UsageFigures | null; serviceTier: string | null }
  /** The upstream reported an error, or broke off. */
  | { type: 'failure'; error: GatewayError };

export interface ResponseStart {
  type: 'response-start';
  id: string;
  model: string;
  /** What is known of the input at the start (Anthropic says it there). */
  usage: UsageFigures | null;
}

export interface BlockStart {
  type: 'block-start';
  block: number;
  choice: number;
  content: BlockContent;
}

/** What a block is; its text follows in deltas. */
export type BlockContent =
  | { type: 'text' }
  | { type: 'reasoning' }
  | { type: 'refusal' }
  /** A carrier that is known at the start stands here: formats that hide it in the call's id must say the id at once. */
  | { type: 'tool-call'; id: string; name: string; custom?: true | undefined; carrier?: ReasoningCarrier | undefined }
  | { type: 'audio'; mediaType: string; id: string | null }
  /** A part that comes whole: an image, a vendor's own part. It ends at once. */
  | { type: 'whole'; part: AssistantPart };

export type PartType = StreamPart['type'];
