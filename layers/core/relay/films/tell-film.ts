import { publicOriginOf } from '@sluice/kit/http/public-origin';
import { encodeVideo, type ToldVideo } from '@sluice/llm/videos/answers';
import type { VideoDialect } from '@sluice/llm/videos/driver';
import type { VideoResult } from '@sluice/llm/videos/video';
import type { KeptAnswer, MediaJob } from '../../media/job.ts';
import type { Exchange } from '../exchange.ts';
import { errorOf } from '../image-jobs.ts';
import { readFilmState } from './film-state.ts';

const STATES = {
  queued: 'queued',
  running: 'running',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'failed',
  unknown: 'failed',
} as const;

/** OpenAI's own path is answered in its words, the other one in xAI's; so is who asks later. */
export function dialectOf({ endpoint }: Pick<MediaJob, 'endpoint'>): VideoDialect {
  return endpoint.endsWith('/videos') ? 'openai' : 'xai';
}

/** @param answer what the job kept; null while there is none */
function describeFilm(
  job: MediaJob,
  answer: KeptAnswer | null,
  { origin, now }: { origin: string; now: number },
): ToldVideo {
  const film = readFilmState(job.upstream);
  const result = readResult(answer);
  const state = result !== null && result.expiresAt <= now ? 'expired' : stateOf(job, result);
  return {
    id: job.id,
    model: job.model,
    prompt: film?.prompt ?? '',
    state,
    progress: result === null ? job.progress : 100,
    createdAt: Math.floor(job.createdAt / 1000),
    completedAt: result === null || job.finishedAt === null ? null : Math.floor(job.finishedAt / 1000),
    seconds: film?.seconds ?? null,
    pixels: film?.pixels ?? null,
    result,
    error: state === 'failed' ? (errorOf(job, answer) ?? LOST) : null,
    origin,
  };
}

/** Until the upstream tells of progress, the film waits to be begun. */
function stateOf({ state, progress }: MediaJob, result: VideoResult | null): ToldVideo['state'] {
  if (state === 'succeeded' && result === null) return 'failed';
  return state === 'running' && progress === 0 ? 'queued' : STATES[state];
}

const LOST = { code: 'internal_error', message: 'The film’s answer could not be read.' };

/** What a finished job of a film has kept. */
export function readResult(answer: KeptAnswer | null): VideoResult | null {
  if (answer === null || answer.status >= 400) return null;
  try {
    return JSON.parse(answer.body.toString()) as VideoResult;
  } catch {
    return null;
  }
}

export function tellFilm(job: MediaJob, answer: KeptAnswer | null, { request, startedAt }: Exchange): Buffer {
  const origin = publicOriginOf(request.headers) ?? '';
  const told = describeFilm(job, answer, { origin, now: startedAt });
  return Buffer.from(JSON.stringify(encodeVideo(dialectOf(job), told)));
}
