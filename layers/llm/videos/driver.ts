import type { JsonObject } from '../neutral/json.ts';
import type { Warn } from '../neutral/warning.ts';
import type { VideoRequest, VideoState } from './video.ts';

/** Wire languages of films, as vendors differ in them. */
export type VideoDialect = 'openai' | 'xai';

export interface VideoCall {
  /** The upstream's own name of the model. */
  model: string;
  warn: Warn;
  /** Stands in no field of a form; random. */
  boundary: string;
}

/** How an upstream is asked for a film, and how its answers are read. */
export interface VideoDriver {
  readonly dialect: VideoDialect;
  /** What a film has where the client does not say. */
  readonly usualSeconds: number;
  /** Stills can be had besides. */
  readonly hasStills: boolean;
  /**
   * The seconds that a film of this request will have at this vendor.
   * @param warn told when that is not what the client wrote
   */
  secondsOf(request: VideoRequest, warn: Warn): number;
  /** The picture is bytes, or an address that the vendor fetches. */
  encodeCreate(request: VideoRequest, call: VideoCall): { contentType: string; body: Buffer };
  /** The id under which the generation is asked after. @throws GatewayError `upstream_error` when there is none */
  decodeCreated(body: JsonObject): string;
  /** Loose: what is not known is taken for a sign of life. */
  decodeState(body: JsonObject): VideoState;
}
