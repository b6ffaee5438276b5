import type { UsageFigures } from '../formats/usage-figures.ts';
import type { JsonObject } from '../neutral/json.ts';

/** The vocabulary between formats that draw: what is wanted, and what came of it. */

export interface ImageRequest {
  /** The public name that the client asked for. */
  model: string;
  operation: 'generate' | 'edit';
  prompt: string;
  /** Pictures wanted, 1 to 10. */
  n: number;
  /** Null: the upstream's own choice. */
  size: ImageSize | null;
  /** What is to be changed; empty for what is drawn from nothing. */
  images: readonly ImageInput[];
  /** Where its pixels are transparent, the first image may be changed. */
  mask: ImageInput | null;
  /** The words of OpenAI's API; null where the client does not say. */
  quality: string | null;
  background: string | null;
  style: string | null;
  moderation: string | null;
  inputFidelity: string | null;
  outputFormat: 'png' | 'jpeg' | 'webp' | null;
  /** 0 to 100, of jpeg and webp. */
  outputCompression: number | null;
  /** How the client wants to have the pictures; null where it does not say. */
  responseFormat: ResponseFormat | null;
  /** Calls that may be made side by side, 1 to 3. */
  concurrency: number;
  stream: boolean;
  /** Unfinished pictures wanted in a stream, 0 to 3; null where the client does not say. */
  partialImages: number | null;
  endUser: string | null;
  /** Members of the body that no other format knows, by name. */
  extras: { format: string; members: JsonObject };
}

export interface ImageSize {
  /** As the client wrote it where that was a size in pixels, else the nearest that is usual: `1024x1024`. */
  pixels: string;
  /** Width to height: `3:2`. */
  ratio: string;
}

/** A picture that a client sends. */
export interface ImageInput {
  /** Of the field, for refusals: `image[1]`. */
  path: string;
  /** The file's name; empty where it has none. */
  name: string;
  source: ImageSource;
}

export type ImageSource =
  | { kind: 'bytes'; mediaType: string; bytes: Buffer }
  /** Somebody's address, or a reference to what was uploaded here. */
  | { kind: 'url'; url: string }
  /** An id at the vendor that speaks `format`; means nothing elsewhere. */
  | { kind: 'file'; fileId: string; format: string };

/** One answer of an upstream, its pictures apart. */
export interface ImageAnswer {
  images: AnsweredImage[];
  /** What the model said beside them. */
  text?: string | undefined;
  usage: UsageFigures | null;
  /** Seconds since the epoch; null where the upstream does not say. */
  created: number | null;
  /** What the upstream says of how it drew: `size`, `quality`, `background`, `output_format`. */
  settings: Readonly<Record<string, string>>;
  /** Why there are fewer pictures than asked for, in the upstream's words; null where it says nothing. */
  refusal: { message: string; isPolicy: boolean } | null;
}

export interface AnsweredImage {
  source:
    /** The place of the picture among those that stood in the body. */
    { kind: 'blob'; index: number } | { kind: 'url'; url: string };
  /** The prompt that the upstream made of the client's. */
  revisedPrompt: string | null;
}

/** What a stream of an upstream tells. */
export type ImageEvent =
  | { type: 'partial'; blob: number; partialIndex: number; settings: Readonly<Record<string, string>> }
  | { type: 'completed'; answer: ImageAnswer }
  | { type: 'failure'; message: string; isPolicy: boolean };

/** What is said to the client in place of the pictures' bytes: which way it wants to have them. */
export const RESPONSE_FORMATS = ['url', 'b64_json', 'base64'] as const;
export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];
