import type { JsonObject } from '../neutral/json.ts';
import type { Warn } from '../neutral/warning.ts';
import type { ImageAnswer, ImageEvent, ImageRequest } from './image.ts';

/** Wire languages of pictures, as vendors differ in them. */
export type ImageDialect = 'openai' | 'xai' | 'gemini';

/** One upstream call for pictures. */
export interface ImageCall {
  /** The upstream's own name of the model. */
  model: string;
  /** Pictures that this call is to bring. */
  n: number;
  /** The vendor takes `response_format`; others refuse the word. */
  saysResponseFormat: boolean;
  /** Random letters and digits, for forms. */
  boundary: string;
  warn: Warn;
}

export interface ImageCallBody {
  operation: 'images-generate' | 'images-edit' | 'generate';
  contentType: string;
  body: Buffer;
}

/** How an upstream is asked for pictures, and how its answers are read. */
export interface ImageDriver {
  readonly dialect: ImageDialect;
  /** Pictures that one call can be asked for. */
  readonly mostPerCall: number;
  /** Members whose texts are pictures in base64, which stand in the decoded answer as `blobName`. */
  readonly blobKeys: readonly string[];
  /**
   * All sources are bytes, or what the dialect takes besides.
   * @throws GatewayError `invalid_field` where the dialect cannot say what the picture depends on
   */
  encodeRequest(request: ImageRequest, call: ImageCall): ImageCallBody;
  /** Loose. @throws GatewayError `upstream_error` when it is no answer at all */
  decodeAnswer(body: JsonObject): ImageAnswer;
  /** One event of a stream; null for what tells nothing. Absent where the dialect has no streams. */
  decodeEvent?(data: JsonObject): ImageEvent | null;
}

const BLOB_NAME = /^sluice-blob:(\d+)$/;

/** What stands in an answer in the place of the picture that was taken out of it. */
export function blobName(index: number): string {
  return `sluice-blob:${index}`;
}

/** The place of the picture; null for any other text. */
export function blobIndex(text: unknown): number | null {
  const found = typeof text === 'string' ? BLOB_NAME.exec(text) : null;
  return found ? Number(found[1]) : null;
}
