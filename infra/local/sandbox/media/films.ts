import { randomUUID } from 'node:crypto';
import { readDirectives, type Directives } from '../directives.ts';
import { faultOf } from '../openai-error.ts';
import { hexOf } from '../text.ts';
import type { VideoOrder } from './artefacts.ts';
import { progress } from './patience.ts';

/** What the sandbox's films take when their model does not say otherwise. */
const USUAL_SECONDS = 1;
const MOST_FILMS = 1_000;

/** A film in the making, or made. */
export interface Film {
  id: string;
  model: string;
  prompt: string;
  order: VideoOrder;
  /** Seconds since the epoch. */
  createdAt: number;
  state: 'queued' | 'running' | 'done' | 'failed';
  /** In [0, 1]. */
  share: number;
  directives: Directives;
}

export interface Films {
  /** Throws `OpenAiError` where a directive is unknown. */
  begin(wish: { model: string; prompt: string; width: number; height: number; seconds: number }, prefix: string): Film;
  /** As it stands now; throws `OpenAiError` (404) where there is none, or as often as the model's name asks for. */
  look(id: string): Film;
  /** True when there was one. */
  remove(id: string): boolean;
}

interface Entry {
  film: Omit<Film, 'state' | 'share'>;
  share(): number;
  errorsLeft: number;
}

/** The films of this process; the oldest go first. */
export function createFilms(): Films {
  const entries = new Map<string, Entry>();
  return {
    begin({ model, prompt, width, height, seconds }, prefix) {
      const directives = readDirectives(model);
      if (!directives) throw faultOf(404, model);
      const id = `${prefix}${randomUUID().replaceAll('-', '')}`;
      const seed = hexOf(`${model}/${prompt}/${width}x${height}/${seconds}`, 32);
      const order: VideoOrder = {
        kind: 'video',
        text: prompt.slice(0, 120),
        width,
        height,
        seconds,
        seed,
        atLeastBytes: directives.bytes,
      };
      const film = { id, model, prompt, order, directives, createdAt: Math.floor(Date.now() / 1000) };
      const share = progress(directives.workSeconds ?? USUAL_SECONDS);
      entries.set(id, { film, share, errorsLeft: directives.pollErrors });
      const [oldest] = entries.keys();
      if (entries.size > MOST_FILMS && oldest !== undefined) entries.delete(oldest);
      return { ...film, state: 'queued', share: 0 };
    },
    look(id) {
      const entry = entries.get(id);
      if (!entry) throw faultOf(404, id);
      if (entry.errorsLeft > 0) {
        entry.errorsLeft -= 1;
        throw faultOf(500, entry.film.model);
      }
      const share = entry.share();
      const { fails, moderated } = entry.film.directives;
      const ended = fails || moderated ? 'failed' : 'done';
      return { ...entry.film, share, state: share >= 1 ? ended : share > 0.1 ? 'running' : 'queued' };
    },
    remove: (id) => entries.delete(id),
  };
}
