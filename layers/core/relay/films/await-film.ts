import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { VideoDriver } from '@sluice/llm/videos/driver';
import type { VideoState } from '@sluice/llm/videos/video';
import { parseAnswer } from '../parse-answer.ts';
import { askUpstream, readSmall, type AskDeps, type FilmSource, type Opened } from './ask-upstream.ts';

export interface AwaitDeps extends AskDeps {
  clock: Clock;
  logger: Pick<Logger, 'warn'>;
}

export interface AwaitedFilm {
  source: FilmSource;
  driver: VideoDriver;
  /** The upstream's. */
  id: string;
  /** Wall clock: from then on nobody waits for it any more. */
  deadline: number;
  /** Somebody else goes on with it, or nobody wants it any more. */
  gone: AbortSignal;
  /** Percent. */
  onProgress(percent: number): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** So many answers in a row that the upstream knows of no such film, or not us, and it is believed. */
const MOST_DENIALS = 3;

/**
 * Asks after a film until it has ended. What goes wrong on the way is no end: the upstream works on meanwhile.
 * @throws GatewayError `upstream_timeout`, `upstream_error`, `upstream_credential_refused`
 */
export async function awaitFilm(deps: AwaitDeps, film: AwaitedFilm): Promise<Exclude<VideoState, { kind: 'pending' }>> {
  let denials = 0;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const seen = await look(deps, film);
    if (isGatewayError(seen)) {
      denials = isDenial(seen) ? denials + 1 : 0;
      deps.logger.warn('film_not_seen', { film: film.id, code: seen.code, internal: seen.internal });
      if (denials >= MOST_DENIALS) throw seen;
    } else if (seen.kind === 'pending') {
      denials = 0;
      if (seen.progress !== null) film.onProgress(seen.progress);
    } else {
      return seen;
    }
    if (film.gone.aborted) throw new GatewayError('conflict', { message: 'The film is no longer waited for.' });
    if (deps.clock() >= film.deadline) throw tooLate();
    await new Promise<void>((resolve) => void deps.scheduler.after(pause, resolve));
  }
}

function tooLate(): GatewayError {
  return new GatewayError('upstream_timeout', {
    message: 'The upstream did not finish the film in the time that a request may take.',
    internal: 'totalMs',
  });
}

async function look(deps: AwaitDeps, { source, driver, id }: AwaitedFilm): Promise<VideoState | GatewayError> {
  try {
    const opened = await askUpstream(deps, source, { operation: 'video-state', id });
    const body = await readSmall(opened).finally(opened.close);
    if (opened.status >= 200 && opened.status <= 299) return driver.decodeState(parseAnswer(body));
    if (opened.status === 401) await renew(deps, source);
    return deny(opened);
  } catch (error) {
    if (isGatewayError(error)) return error;
    const internal = error instanceof Error ? error.message : String(error);
    return new GatewayError('upstream_unreachable', { message: 'The upstream could not be asked.', internal });
  }
}

async function renew({ renewal }: AwaitDeps, source: FilmSource): Promise<void> {
  if (source.candidate.token === null) return;
  source.candidate = (await renewal.afterRefusal(source.candidate)) ?? source.candidate;
}

function deny({ status }: Opened): GatewayError {
  const internal = `status ${status}`;
  if (status === 401 || status === 403) {
    const message = `The upstream refused the gateway's credential (status ${status}).`;
    return new GatewayError('upstream_credential_refused', { message, internal });
  }
  if (status === 404 || status === 410) {
    return new GatewayError('upstream_error', { message: 'The upstream knows of no such film any more.', internal });
  }
  return new GatewayError('upstream_unreachable', { message: `The upstream answered ${status}.`, internal });
}

/** An answer that waiting does not change. */
function isDenial({ code }: GatewayError): boolean {
  return code === 'upstream_error' || code === 'upstream_credential_refused' || code === 'upstream_address_refused';
}
