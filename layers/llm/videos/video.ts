import type { ImageInput } from '../images/image.ts';

/** The vocabulary between those who want films and those who make them. */

export const VIDEO_RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3'] as const;
export type VideoRatio = (typeof VIDEO_RATIOS)[number];

export const VIDEO_RESOLUTIONS = ['480p', '720p', '1080p'] as const;
export type VideoResolution = (typeof VIDEO_RESOLUTIONS)[number];

export interface VideoRequest {
  /** The public name that the client asked for. */
  model: string;
  prompt: string;
  /** Whole seconds; null: the upstream's own choice. */
  seconds: number | null;
  ratio: VideoRatio | null;
  resolution: VideoResolution | null;
  /** `1280x720`, where the client said it so. */
  pixels: string | null;
  /** What the film begins with. */
  image: ImageInput | null;
  endUser: string | null;
}

/** Where an upstream's generation stands. */
export type VideoState =
  /** @property progress percent; null where the upstream does not say */
  | { kind: 'pending'; progress: number | null }
  | {
      kind: 'done';
      /** Null: the film is asked for by its id, with the credential. */
      url: string | null;
      /** Of the finished film; null where the upstream does not say. */
      seconds: number | null;
    }
  | { kind: 'failed'; message: string; isPolicy: boolean };

/** A film as it is told to clients. */
export interface VideoResult {
  /** Under `/images/`, without an origin. */
  path: string;
  /** A still of it, the same way; null where there is none. */
  poster: string | null;
  seconds: number;
  contentType: string;
  bytes: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}
