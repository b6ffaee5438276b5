import type { VideoResult } from '@sluice/llm/videos/video';
import type { Attempt } from '../../metering/store.ts';
import type { Use } from '../../sharing/who-may-use.ts';

/**
 * What a film's job keeps of its upstream (`MediaJob.upstream`): all that another process needs to go on with it, and
 * all that its client is told before it has ended.
 */
export interface FilmState {
  upstream: string;
  credentialId: string;
  /** How the caller uses the credential; absent where all are operators'. */
  use?: Use | undefined;
  /** The upstream's id of the generation. */
  id: string;
  /** The upstream's name of the model. */
  upstreamModel: string;
  prompt: string;
  /** As asked of the upstream. */
  seconds: number;
  pixels: string | null;
  warnings: string[];
  attempts: Attempt[];
  /** What it was copied to; from here on nobody is asked any more. */
  result?: VideoResult;
}

/** Of a prompt that is told back. */
export const LONGEST_TOLD_PROMPT = 1_000;

export function writeFilmState(state: FilmState): string {
  return JSON.stringify(state);
}

/** Null for what no film's job has written. */
export function readFilmState(text: string | null): FilmState | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as FilmState;
  } catch {
    return null;
  }
}
