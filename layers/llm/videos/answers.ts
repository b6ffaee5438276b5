import type { JsonObject } from '../neutral/json.ts';
import type { VideoDialect } from './driver.ts';
import type { VideoResult } from './video.ts';

/** A film's job, as far as its client is told. */
export interface ToldVideo {
  id: string;
  model: string;
  prompt: string;
  state: 'queued' | 'running' | 'done' | 'expired' | 'failed';
  /** Percent. */
  progress: number;
  /** Seconds since the epoch. */
  createdAt: number;
  completedAt: number | null;
  seconds: number | null;
  pixels: string | null;
  result: VideoResult | null;
  error: { code: string; message: string } | null;
  /** Of this gateway, before the paths of media. */
  origin: string;
}

/** As the API that it was asked for by tells it. */
export function encodeVideo(dialect: VideoDialect, video: ToldVideo): JsonObject {
  return dialect === 'openai' ? asOpenAi(video) : asXai(video);
}

const STATES = {
  queued: 'queued',
  running: 'in_progress',
  done: 'completed',
  expired: 'completed',
  failed: 'failed',
} as const;

/** https://platform.openai.com/docs/api-reference/videos/object, and where the film is. */
function asOpenAi(video: ToldVideo): JsonObject {
  const { result, error } = video;
  return {
    id: video.id,
    object: 'video',
    created_at: video.createdAt,
    completed_at: video.completedAt,
    expires_at: result === null ? null : Math.floor(result.expiresAt / 1000),
    model: video.model,
    prompt: video.prompt,
    progress: Math.floor(video.progress),
    seconds: String(result?.seconds ?? video.seconds ?? ''),
    size: video.pixels ?? '',
    status: STATES[video.state],
    remixed_from_video_id: null,
    error: error === null ? null : { ...error },
    ...(result !== null && video.state === 'done' && addressesOf(result, video.origin)),
  };
}

/** What both are told besides: the film under our own address, until midnight. */
function addressesOf(result: VideoResult, origin: string): JsonObject {
  return {
    url: `${origin}${result.path}`,
    ...(result.poster !== null && { thumbnail_url: `${origin}${result.poster}` }),
  };
}

/** https://docs.x.ai/developers/rest-api-reference/inference/videos */
function asXai(video: ToldVideo): JsonObject {
  const { id, model, result, error, state } = video;
  const named = { request_id: id, id, model };
  if (state === 'expired') return { ...named, status: 'expired' };
  if (state === 'failed') {
    const told = error ?? { code: 'internal_error', message: 'The film could not be made.' };
    const isFit = told.code !== 'content_policy_violation';
    return { ...named, status: 'failed', video: { duration: 0, respect_moderation: isFit }, error: { ...told } };
  }
  if (result === null) return { ...named, status: 'pending', progress: Math.floor(video.progress) };
  const { url, ...more } = addressesOf(result, video.origin);
  const told = { url: url ?? '', ...more, duration: result.seconds, respect_moderation: true };
  return { ...named, status: 'done', progress: 100, video: told };
}
