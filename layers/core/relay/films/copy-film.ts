import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { VideoDriver } from '@sluice/llm/videos/driver';
import type { VideoResult, VideoState } from '@sluice/llm/videos/video';
import type { MediaStore, StoredMedium } from '../../media/media-store.ts';
import { askUpstream, fetchAddress, type AskDeps, type FilmSource, type Opened } from './ask-upstream.ts';

export interface CopyDeps extends AskDeps {
  media: MediaStore;
  clock: Clock;
  logger: Pick<Logger, 'warn'>;
}

export interface FinishedFilm {
  source: FilmSource;
  driver: VideoDriver;
  id: string;
  /** The ledger account that it belongs to. */
  owner: string;
  state: Extract<VideoState, { kind: 'done' }>;
  /** As asked for. */
  seconds: number;
}

const PAUSES_MS = [500, 2_000, 8_000];

/**
 * Copies a film to where it is served from, as it arrives, and a still of it where there is one.
 * @throws GatewayError `upstream_error`, `file_too_large`
 */
export async function copyFilm(deps: CopyDeps, film: FinishedFilm): Promise<VideoResult> {
  const { state, seconds } = film;
  const stored = await persistently(deps, () => copy(deps, film, 'video'));
  // Without it there is only no preview.
  const still = film.driver.hasStills ? await copy(deps, film, 'image').catch(() => null) : null;
  return {
    path: stored.path,
    poster: still?.path ?? null,
    seconds: Math.ceil(state.seconds ?? seconds),
    contentType: stored.contentType,
    bytes: stored.bytes,
    expiresAt: stored.expiresAt,
  };
}

async function persistently<Value>({ scheduler, logger }: CopyDeps, work: () => Promise<Value>): Promise<Value> {
  for (const pause of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (isGatewayError(error) && error.status < 500) throw error;
      logger.warn('film_not_copied', { internal: error instanceof Error ? error.message : String(error) });
      await new Promise<void>((resolve) => void scheduler.after(pause, resolve));
    }
  }
  return work();
}

async function copy(deps: CopyDeps, film: FinishedFilm, kind: 'video' | 'image'): Promise<StoredMedium> {
  const opened = await openContent(deps, film, kind);
  try {
    const contentType = String(opened.headers['content-type'] ?? '');
    if (opened.status !== 200 || /^(?:text|application\/(?:json|xhtml))/i.test(contentType)) {
      const internal = opened.failure?.message ?? `status ${opened.status}, ${contentType}`;
      throw new GatewayError('upstream_error', { message: 'The finished film could not be fetched.', internal });
    }
    return await deps.media.write({ kind, owner: film.owner, contentType, body: opened.body, createdAt: deps.clock() });
  } finally {
    opened.close();
  }
}

function openContent(deps: CopyDeps, { source, state, id }: FinishedFilm, kind: 'video' | 'image'): Promise<Opened> {
  if (kind === 'image')
    return askUpstream(deps, source, { operation: 'video-content', id, query: 'variant=thumbnail' });
  if (state.url !== null) return fetchAddress(deps, source, state.url);
  return askUpstream(deps, source, { operation: 'video-content', id });
}
