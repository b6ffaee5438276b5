import type { Json, JsonObject } from './json.ts';

/**
 * Opaque proof that a model reasoned: an Anthropic signature, OpenAI's encrypted content, a Gemini thought signature.
 * It means something to its origin only, must come back byte for byte, and travels through other formats in an
 * authenticated envelope (`CarrierPort`).
 */
export interface ReasoningCarrier {
  /** Who understands it, as `CallContext.origin`; `native:<format>` for what a client sent without an envelope. */
  origin: string;
  /** `redacted`: the reasoning itself is hidden in the data (`redacted_thinking`). */
  kind: 'signature' | 'encrypted' | 'redacted';
  data: string;
  /** The origin's own id of the item, where it needs it back (`rs_…`). */
  id?: string | undefined;
}

/** Marks the end of a prefix that the vendor may cache. */
export interface CacheMark {
  ttl: '5m' | '1h';
}

interface Marked {
  cache?: CacheMark | undefined;
}

export interface TextPart extends Marked {
  type: 'text';
  text: string;
  citations?: Citation[] | undefined;
  /** Gemini signs texts too. */
  carrier?: ReasoningCarrier | undefined;
}

/** A source of a stretch of text. Positions are UTF-16 units in the text part that carries the citation. */
export interface Citation {
  start: number | null;
  end: number | null;
  title: string | null;
  url: string | null;
  citedText: string | null;
  /** The vendor's own object, for its own format: `{format, value}`. */
  native?: { format: string; value: JsonObject } | undefined;
}

export interface ReasoningPart {
  type: 'reasoning';
  /** Empty where the vendor shows none. */
  text: string;
  /** Several summaries of one reasoning item are one text with blank lines between. */
  carrier?: ReasoningCarrier | undefined;
}

export interface ToolCallPart extends Marked {
  type: 'tool-call';
  /** Never empty; made by the decoder, deterministically, where the format has none. */
  id: string;
  name: string;
  /** The arguments as the JSON text that the model wrote (number formatting kept); `{}` for none. May be invalid JSON. */
  arguments: string;
  /** OpenAI's custom tools take free text in place of JSON. */
  custom?: true | undefined;
  carrier?: ReasoningCarrier | undefined;
}

export interface ToolResultPart extends Marked {
  type: 'tool-result';
  callId: string;
  /** Of the call; null where the format does not repeat it and the call was not seen. */
  name: string | null;
  content: (TextPart | ImagePart | DocumentPart | AudioPart)[];
  isError: boolean;
  /** A result that was an object on the wire (Gemini's `functionResponse.response`), as it was. */
  structured?: Json | undefined;
}

export type MediaSource =
  | { kind: 'base64'; mediaType: string; data: string }
  | { kind: 'url'; url: string; mediaType: string | null }
  /** An id at the vendor that speaks `format`; means nothing elsewhere. */
  | { kind: 'file'; fileId: string; format: string };

export interface ImagePart extends Marked {
  type: 'image';
  source: MediaSource;
  detail?: 'low' | 'high' | 'auto' | 'original' | undefined;
}

/** PDF and text; other media types too where the vendor takes them. Plain text stands in `text`. */
export interface DocumentPart extends Marked {
  type: 'document';
  source: MediaSource | { kind: 'text'; text: string };
  name: string | null;
  /** Asks for citations into this document. */
  citations?: boolean | undefined;
  /** Anthropic's `context`. */
  context?: string | undefined;
}

export interface AudioPart extends Marked {
  type: 'audio';
  source: MediaSource;
  /** What is spoken, in answers. */
  transcript?: string | undefined;
}

export interface VideoPart extends Marked {
  type: 'video';
  source: MediaSource;
}

export interface RefusalPart {
  type: 'refusal';
  text: string;
}

/**
 * A part that only its own format understands (server tools and their results, search results, computer calls…): goes
 * back to the same format as it is, and is left out elsewhere with a warning.
 */
export interface VendorPart {
  type: 'vendor';
  format: string;
  value: JsonObject;
}

export type UserPart = TextPart | ImagePart | DocumentPart | AudioPart | VideoPart | ToolResultPart | VendorPart;
export type AssistantPart =
  TextPart | ReasoningPart | ToolCallPart | RefusalPart | ImagePart | AudioPart | DocumentPart | VendorPart;
